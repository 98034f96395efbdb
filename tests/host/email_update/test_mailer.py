"""Sending a mail, to a real server on loopback."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from host.email_update.mailer import Mailer, Taken
from host.email_update.message import outcome_message
from host.email_update.settings import Smtp
from host.errors import MailError
from tests.host.crm.tls_crm import certificate
from tests.host.email_update.smtp_server import MailServer, running
from tests.host.email_update.test_message import OUTCOME, UUID

Start = Callable[[MailServer], MailServer]


@pytest.fixture
def start() -> Iterator[Start]:
    with ExitStack() as stack:
        yield lambda server: stack.enter_context(running(server))


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    return certificate(tmp_path / "server.pem", "mail.example")


def of_server(pem: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def send(
    server: MailServer, *, trusted: Path | None = None, timeout_s: float = 2, deadline_s: float = 5, **smtp: Any
) -> Taken:
    settings = Smtp.model_validate({"host": "127.0.0.1", "port": server.port, **smtp})
    certificates = ssl.create_default_context(cafile=str(trusted)) if trusted else None
    mailer = Mailer(settings, "patchbay.example", certificates=certificates, timeout_s=timeout_s, deadline_s=deadline_s)
    return mailer.send(outcome_message(OUTCOME))


def failure(server: MailServer, **smtp: Any) -> MailError:
    with pytest.raises(MailError) as failed:
        send(server, **smtp)
    return failed.value


def test_a_mail_is_sent(start: Start) -> None:
    server = start(MailServer())
    assert send(server) == Taken(f"<outcome.{UUID}@patchbay.invalid>", "2.0.0 Ok: queued as 4711")
    assert [each["Message-ID"] for each in server.mails] == [f"<outcome.{UUID}@patchbay.invalid>"]
    assert server.encrypted == [False]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_is_sent_encrypted_after_sign_in(start: Start, pem: Path, security: str) -> None:
    server = start(MailServer(tls=of_server(pem), implicit=security == "tls", user=("patchbay", "geheim")))
    send(server, trusted=pem, security=security, username="patchbay", password="geheim")
    assert server.encrypted == [True]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_trusts_is_refused(start: Start, pem: Path, security: str) -> None:
    server = start(MailServer(tls=of_server(pem), implicit=security == "tls"))
    error = failure(server, security=security)
    assert "certificate is refused" in error.reason
    assert (error.retryable, server.mails) == (True, [])


def test_a_certificate_for_another_name_is_refused(start: Start, pem: Path) -> None:
    server = start(MailServer(tls=of_server(pem)))
    error = failure(server, security="starttls", trusted=pem, host="localhost")
    assert "certificate is refused" in error.reason


def test_a_server_without_starttls_gets_nothing(start: Start) -> None:
    server = start(MailServer())
    error = failure(server, security="starttls")
    assert (error.step, error.reason, error.retryable) == ("starttls", "the server doesn't offer it", True)
    assert server.mails == []


def test_a_wrong_password_can_be_mended(start: Start, pem: Path) -> None:
    server = start(MailServer(tls=of_server(pem), user=("patchbay", "geheim")))
    error = failure(server, trusted=pem, security="starttls", username="patchbay", password="falsch")
    assert (error.step, error.reason, error.retryable) == ("sign_in", "the server answered 535 5.7.8", True)


@pytest.mark.parametrize(
    ("command", "answer", "step", "retryable"),
    [
        ("MAIL", "451 4.3.0 Try again later", "sender", True),
        ("MAIL", "550 5.7.1 Sender unknown", "sender", True),
        ("MAIL", "552 5.3.4 Too large", "sender", False),
        ("RCPT", "450 4.2.1 Mailbox is busy", "recipient", True),
        ("RCPT", "550 5.1.1 crm@queue.example is unknown", "recipient", False),
        ("DATA", "451 4.3.0 Try again later", "content", True),
        ("DATA", "554 5.6.0 We don't like it", "content", False),
    ],
)
def test_an_answer_says_whether_another_try_helps(
    start: Start, command: str, answer: str, step: str, retryable: bool
) -> None:
    error = failure(start(MailServer(answers={command: answer})))
    assert str(error) == f"{step}: the server answered {answer[:9]}"
    assert error.retryable is retryable
    assert error.said == answer[4:]


def test_a_server_that_drops_the_connection_is_handed_the_same_message_again(start: Start) -> None:
    server = start(MailServer(drops=1))
    error = failure(server)
    assert (error.reason, error.retryable) == ("the server closed the connection", True)
    send(server)
    assert [each["Message-ID"] for each in server.mails] == [f"<outcome.{UUID}@patchbay.invalid>"] * 2
    assert server.raw[0] == server.raw[1]


@pytest.mark.slow
def test_a_server_that_scans_the_mail_for_long_is_handed_it_once(start: Start) -> None:
    server = start(MailServer(scans_s=1.4))
    send(server, timeout_s=1)
    assert len(server.mails) == 1
    error = failure(server, timeout_s=1, deadline_s=0.7)
    assert error.retryable


def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error = failure(MailServer(port=unused.getsockname()[1]))
    assert str(error) == "connect: the connection is refused"


def test_a_server_that_speaks_no_tls(start: Start) -> None:
    error = failure(start(MailServer()), security="tls")
    assert (error.step, error.reason) == ("connect", "the server speaks no TLS here")


@contextmanager
def dripping() -> Iterator[MailServer]:
    """A server that sends one byte of its greeting every 50 ms."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            peer, _ = listener.accept()
            with peer:
                try:
                    for _ in range(200):
                        peer.sendall(b"2")
                        done.wait(0.05)
                except OSError:
                    pass

        done = threading.Event()
        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        yield MailServer(port=listener.getsockname()[1])
        done.set()
        thread.join(5)


def test_a_server_that_never_finishes_ends_at_the_deadline() -> None:
    with dripping() as server:
        error = failure(server, deadline_s=0.2)
    assert (error.step, error.retryable) == ("connect", True)


def test_the_errors_name_no_address_and_no_password(start: Start) -> None:
    error = failure(start(MailServer(answers={"RCPT": "550 5.1.1 <crm@queue.example> unknown"})), username="")
    assert "@" not in str(error)


def test_a_server_is_checked_without_a_mail(start: Start, pem: Path) -> None:
    server = start(MailServer(tls=of_server(pem), user=("patchbay", "geheim")))
    smtp = {"host": "127.0.0.1", "port": server.port, "security": "starttls", "username": "patchbay"}
    trusted = ssl.create_default_context(cafile=str(pem))
    Mailer(Smtp.model_validate({**smtp, "password": "geheim"}), "patchbay.example", certificates=trusted).check()
    with pytest.raises(MailError, match="sign_in"):
        Mailer(Smtp.model_validate({**smtp, "password": "x"}), "patchbay.example", certificates=trusted).check()
    assert server.mails == []
