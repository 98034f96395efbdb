"""A real mail server on loopback, for tests: it keeps what it takes, and fails as a test wants."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class MailServer:
    """The server's port, its mails, and what it answers."""

    port: int = 0
    user: tuple[str, str] | None = None
    """Name and password that it wants."""
    tls: ssl.SSLContext | None = None
    """For STARTTLS, or from the first byte."""
    implicit: bool = False
    answers: dict[str, str] = field(default_factory=dict)
    """By command (`MAIL`, `RCPT`, `DATA`) the answer in place of the usual one."""
    drops: int = 0
    """So many mails are taken, and the connection is closed without an answer."""
    scans_s: float = 0
    """How long it takes to answer to the content."""
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    """Of each mail: whether it came over TLS."""

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.user is not None and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 2.1.0 Sender ok")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 2.1.5 Recipient ok")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.scans_s)
        if "DATA" in self.answers:
            return self.answers["DATA"]
        content = envelope.original_content or b""
        made = message_from_bytes(content, policy=policy.default)
        assert isinstance(made, EmailMessage)
        self.raw.append(content)
        self.mails.append(made)
        self.encrypted.append(session.ssl is not None or self.implicit)
        if self.drops:
            self.drops -= 1
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return "250 2.0.0 Ok: queued as 4711"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, kind: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == self.user, handled=False)


@contextmanager
def running(mails: MailServer) -> Iterator[MailServer]:
    """Run the server in a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def session() -> SMTP:
        by_starttls = mails.tls is not None and not mails.implicit
        return SMTP(
            mails,
            hostname="mail.example",
            loop=loop,
            tls_context=mails.tls if by_starttls else None,
            require_starttls=by_starttls,
            authenticator=mails.authenticate,
            auth_require_tls=by_starttls,
        )

    async def start() -> asyncio.Server:
        context = mails.tls if mails.implicit else None
        return await loop.create_server(session, "127.0.0.1", 0, ssl=context)

    async def stop() -> None:
        server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(5)
    mails.port = server.sockets[0].getsockname()[1]
    yield mails
    asyncio.run_coroutine_threadsafe(stop(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()
