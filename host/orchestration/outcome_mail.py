"""Mails the outcome of sessions that are finished successfully: the metadata, and the transcript of a chat.

Source: docs/reference/files.md, E-mail with the outcome.
"""

import ipaddress
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection

from host.clock import Clock
from host.crm.session_facts import context as contexts
from host.crm.session_facts import crm_identity
from host.crm.templates import template
from host.crm.templates.variables import Variables
from host.db.engine import Database
from host.email_update.mailer import Mailer, Taken
from host.email_update.message import Attachment, Outcome, outcome_message, trial_message
from host.email_update.recipient import is_successful, recipient
from host.files import catalogue
from host.orchestration.documents import DocumentWriter
from host.queues import tree
from host.sessions import repository
from host.sessions.model import Session
from host.settings.document.model import Settings

NOT_WANTED = {"skipped": "the settings want no mail any more"}


class OutcomeMail:
    """Mails outcomes.

    Args:
        database: Holds the sessions.
        clock: The time.
        settings: Returns the current settings.
        documents: Writes what is mailed.
        public_url: Of this host: mail servers are told its name.
        certificates: Checks the mail server's certificate; None: as this machine trusts.
    """

    def __init__(  # noqa: PLR0917 - its parts
        self,
        database: Database,
        clock: Clock,
        settings: Callable[[], Settings],
        documents: DocumentWriter,
        public_url: str,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._documents = documents
        self._own_name = smtp_name(public_url)
        self._certificates = certificates

    def is_wanted(self, connection: Connection, session: Session) -> bool:
        """Tell whether a session that has ended is mailed to somebody."""
        return self._recipient(connection, session) is not None

    def send_outcome(self, session_id: int) -> Mapping[str, Any]:
        """Mail the outcome of a session; a repeated mail has the same Message-ID.

        Returns:
            What the mail server said, without personal data: `{"message_id", "answer"}`.

        Raises:
            MailError: The mail was not sent, or nobody knows whether it was.
        """
        with self._database.read() as connection:
            outcome = self._outcome(connection, session_id)
        if outcome is None:
            return NOT_WANTED
        taken = self._mailer().send(outcome_message(outcome))
        return {"message_id": taken.message_id, "answer": taken.answer}

    def send_test(self, address: str) -> Taken:
        """Send a test mail.

        Raises:
            MailError: It was not sent; `said` has the server's words.
        """
        return send_test(self._settings(), address, self._own_name, self._clock.now(), self._certificates)

    def _mailer(self) -> Mailer:
        return Mailer(self._settings().smtp, self._own_name, certificates=self._certificates)

    def _recipient(self, connection: Connection, session: Session) -> str | None:
        if not is_successful(session.status, session.fail_reason):
            return None
        queue = tree.by_id(connection, session.queue_id) if session.queue_id is not None else None
        return recipient(self._settings().email_outcome, queue.settings.email_outcome if queue else None)

    def _outcome(self, connection: Connection, session_id: int) -> Outcome | None:
        session = repository.get(connection, session_id)
        address = self._recipient(connection, session)
        if address is None:
            return None
        return Outcome(
            sender=self._settings().smtp.sender,
            recipient=address,
            subject=self._subject(connection, session_id),
            body=self._documents.metadata(connection, session_id).decode(),
            session_uuid=session.uuid,
            sent_at=self._clock.now(),
            attachments=self._attachments(connection, session),
        )

    def _subject(self, connection: Connection, session_id: int) -> str:
        settings = self._settings()
        crm = settings.crm
        facts = contexts.load(
            connection,
            session_id,
            now=self._clock.now(),
            crm=crm_identity.current(connection, crm),
            texts={"product_name": settings.product_name},
        )
        values = Variables(facts, phone_format=crm.phone_format, region=crm.default_region)
        return str(template.parse(settings.email_outcome.subject).fill(values).value or "")

    def _attachments(self, connection: Connection, session: Session) -> tuple[Attachment, ...]:
        if session.channel != "chat":
            return ()
        name = catalogue.file_name(session, "chat_transcripts")
        return (Attachment(name, self._documents.transcript(connection, session.id)),)


def is_used(connection: Connection, settings: Settings) -> bool:
    """Tell whether outcomes are mailed at all: by the setting of all queues, or of any queue."""
    of_queues = [queue.settings.email_outcome for queue in tree.all(connection)]
    return any(recipient(settings.email_outcome, each) for each in (None, *of_queues))


def send_test(
    settings: Settings, address: str, own_name: str, now: datetime, certificates: ssl.SSLContext | None = None
) -> Taken:
    """Send a test mail by the server of these settings; as `OutcomeMail.send_test`."""
    message = trial_message(settings.smtp.sender, address, settings.product_name, now)
    return Mailer(settings.smtp, own_name, certificates=certificates).send(message)


def smtp_name(public_url: str) -> str:
    """Return how we introduce ourselves to mail servers: `patchbay.example`, `[127.0.0.1]`."""
    host = urlsplit(public_url).hostname or "localhost"
    with suppress(ValueError):
        address = ipaddress.ip_address(host)
        return f"[{address}]" if address.version == 4 else f"[IPv6:{address}]"
    return host
