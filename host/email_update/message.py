"""Writes the mail with a session's outcome, and the test mail.

Source: docs/reference/files.md, E-mail with the outcome.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email import utils
from email.headerregistry import Address
from email.message import EmailMessage

MESSAGE_ID_DOMAIN = "patchbay.invalid"
"""Nobody's domain: the id of a mail is the same whatever the settings say when it is sent again."""
LONGEST_SUBJECT = 200
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True)
class Attachment:
    """A text file that goes along."""

    name: str
    """`chat-103646.txt`."""
    content: bytes
    """UTF-8."""


@dataclass(frozen=True)
class Outcome:
    """What a mail is made of."""

    sender: str
    recipient: str
    subject: str
    body: str
    session_uuid: str
    sent_at: datetime
    attachments: tuple[Attachment, ...] = ()


def outcome_message(outcome: Outcome) -> EmailMessage:
    """Return the mail; the same outcome gives the same bytes, and a session's mail always has the same Message-ID."""
    message = _message(outcome.sender, outcome.recipient, outcome.subject, outcome.sent_at)
    message["Message-ID"] = message_id(outcome.session_uuid)
    message.set_content(outcome.body, charset="utf-8")
    for each in outcome.attachments:
        text = {"charset": "utf-8"}
        message.add_attachment(each.content, maintype="text", subtype="plain", filename=each.name, params=text)
        message.set_boundary(f"outcome-{outcome.session_uuid}")
    return message


def message_id(session_uuid: str) -> str:
    """Return `<outcome.2f1c...@patchbay.invalid>`."""
    return f"<outcome.{session_uuid}@{MESSAGE_ID_DOMAIN}>"


def trial_message(sender: str, recipient: str, product_name: str, now: datetime) -> EmailMessage:
    """Return the test mail."""
    message = _message(sender, recipient, f"{product_name}: test mail", now)
    message["Message-ID"] = utils.make_msgid(domain=MESSAGE_ID_DOMAIN)
    message.set_content(f"{product_name} can send mails by this server.\n", charset="utf-8")
    return message


def _message(sender: str, recipient: str, subject: str, at: datetime) -> EmailMessage:
    message = EmailMessage()
    message["From"] = _address(sender)
    message["To"] = _address(recipient)
    message["Subject"] = " ".join(_UNFIT.sub(" ", subject).split())[:LONGEST_SUBJECT]
    message["Date"] = at
    message["Auto-Submitted"] = "auto-generated"  # keeps absence notices from answering
    return message


def _address(text: str) -> Address:
    """Return an address; the settings check it loosely, so the part before the `@` may need quotes."""
    name, _, domain = text.rpartition("@")
    return Address(username=name, domain=domain)
