"""Sends a mail by the SMTP server of the settings, and says in our words what went wrong.

What an admin can mend is tried again: a server that is down, a wrong password or certificate, a refused sender. What
the server refuses for this mail alone, its recipient or its content, is not.

Source: docs/reference/files.md, E-mail with the outcome.
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage

from host.email_update.settings import Smtp
from host.email_update.smtp_session import DEADLINE_S, READ_TIMEOUT_S, SmtpSession
from host.errors import MailError

TOO_LARGE = 552
LONGEST_ANSWER = 200
_ENHANCED = re.compile(rb"\b[245]\.\d{1,3}\.\d{1,3}\b")


@dataclass(frozen=True)
class Taken:
    """A mail that the server has taken."""

    message_id: str
    answer: str
    """The server's words: `2.0.0 Ok: queued as 4711`."""


class Mailer:
    """Sends mails.

    Args:
        smtp: The server.
        own_name: How we introduce ourselves: the host of the public URL.
        certificates: Checks the server's certificate; None: as this machine trusts.
        timeout_s: For each answer but the last, to the content.
        deadline_s: For the whole mail.
    """

    def __init__(
        self,
        smtp: Smtp,
        own_name: str,
        *,
        certificates: ssl.SSLContext | None = None,
        timeout_s: float = READ_TIMEOUT_S,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._smtp = smtp
        self._own_name = own_name
        self._certificates = certificates
        self._timeout_s = timeout_s
        self._deadline_s = deadline_s

    def check(self) -> None:
        """Connect, encrypt and sign in as for a mail, and send none.

        Raises:
            MailError: A step failed.
        """
        with self._signed_in():
            pass

    def send(self, message: EmailMessage) -> Taken:
        """Hand a mail to the server.

        Raises:
            MailError: It was not taken, or nobody knows whether it was. The same Message-ID may be sent again.
        """
        with self._signed_in() as session:
            with _in_our_words("send"):
                session.send_message(message)
            return Taken(str(message["Message-ID"]), session.answer[:LONGEST_ANSWER])

    @contextmanager
    def _signed_in(self) -> Iterator[SmtpSession]:
        with _in_our_words("connect"):
            session = self._connect()
        with session:
            self._encrypt(session)
            if self._smtp.username:
                with _in_our_words("sign_in"):
                    session.login(self._smtp.username, self._smtp.password.get_secret_value())
            yield session

    def _connect(self) -> SmtpSession:
        return SmtpSession(
            self._smtp.host,
            self._smtp.port,
            own_name=self._own_name,
            implicit_tls=self._trusted() if self._smtp.security == "tls" else None,
            timeout_s=self._timeout_s,
            deadline_s=self._deadline_s,
        )

    def _encrypt(self, session: SmtpSession) -> None:
        if self._smtp.security == "starttls":
            with _in_our_words("starttls"):
                session.starttls(context=self._trusted())

    def _trusted(self) -> ssl.SSLContext:
        return self._certificates or ssl.create_default_context()


@contextmanager
def _in_our_words(step: str) -> Iterator[None]:
    """Translate the errors of `smtplib`; the server's words may hold addresses, so they are kept apart.

    Raises:
        MailError: The step failed.
    """
    try:
        yield
    except (OSError, UnicodeError) as error:  # those of `smtplib` are an OSError
        raise _refusal(step, error) or MailError(step, _reason(error)) from error


def _refusal(step: str, error: Exception) -> MailError | None:
    """Return our error for an answer of the server; None: there is none."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return _answered("recipient", *next(iter(error.recipients.values())))
        case smtplib.SMTPDataError():
            return _answered("content", error.smtp_code, error.smtp_error)
        case smtplib.SMTPSenderRefused():
            return _answered("sender", error.smtp_code, error.smtp_error, may_pass=error.smtp_code != TOO_LARGE)
        case smtplib.SMTPResponseException():
            return _answered(step, error.smtp_code, error.smtp_error, may_pass=True)
    return None


def _answered(step: str, code: int, said: bytes | str, *, may_pass: bool = False) -> MailError:
    """Return the error of an answer.

    Args:
        may_pass: Whether another try may help although the server says no (5xx).
    """
    raw = said if isinstance(said, bytes) else said.encode()
    enhanced = _ENHANCED.search(raw)
    number = f"{code} {enhanced[0].decode()}" if enhanced else f"{code}"
    words = raw.decode("utf-8", "replace")[:LONGEST_ANSWER]
    return MailError(step, f"the server answered {number}", is_permanent=code >= 500 and not may_pass, said=words)


REASONS: tuple[tuple[type[Exception], str], ...] = (
    (smtplib.SMTPServerDisconnected, "the server closed the connection"),
    (smtplib.SMTPNotSupportedError, "the server doesn't offer it"),
    (smtplib.SMTPException, "the server and we have no method in common"),
    (TimeoutError, "no answer in time"),
    (socket.gaierror, "the host's name is unknown"),
    (ConnectionRefusedError, "the connection is refused"),
    (ssl.SSLError, "the server speaks no TLS here"),
    (UnicodeError, "the settings have characters that can't be sent"),
)
"""What an error without an answer means; the first match counts."""


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the server's certificate is refused: {error.verify_message}"
    if isinstance(error.__context__, TimeoutError):
        return "no answer in time"
    return next((words for kind, words in REASONS if isinstance(error, kind)), "the connection broke")
