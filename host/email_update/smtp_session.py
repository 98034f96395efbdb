"""One SMTP session that keeps the server's last answer and ends at a deadline.

The timeout of `smtplib` bounds each single read: a server that sends one byte a minute would hold the sender for hours.
"""

import smtplib
import socket
import ssl
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

READ_TIMEOUT_S = 30.0
DEADLINE_S = 300.0


class SmtpSession(smtplib.SMTP):
    """A connection to a mail server.

    Args:
        host: Its name; certificates are checked for it.
        port: 25, 465, 587.
        own_name: How we introduce ourselves.
        implicit_tls: Encrypts from the first byte; None: not, or later by STARTTLS.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        own_name: str,
        implicit_tls: ssl.SSLContext | None,
        timeout_s: float = READ_TIMEOUT_S,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._implicit_tls = implicit_tls
        self._deadline_s = deadline_s
        self._open: socket.socket | None = None
        self.answer = ""
        """What the server said when it took the mail: `2.0.0 Ok: queued as 4711`."""
        self._watchdog = threading.Timer(deadline_s, self._expire)
        self._watchdog.daemon = True
        self._watchdog.start()
        try:
            super().__init__(host, port, local_hostname=own_name, timeout=timeout_s)
        except BaseException:
            self._watchdog.cancel()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection; a server that fails to say goodbye has taken the mail before."""
        if kind is None:
            with suppress(OSError):  # those of `smtplib` too
                self.quit()
        self._watchdog.cancel()
        self.close()

    def __enter__(self) -> Self:
        """Return it, connected."""
        return self

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the content, and keep the answer.

        A server may scan the mail before it answers: giving up early would hand it the mail twice.
        """
        if self.sock is not None:
            self.sock.settimeout(self._deadline_s)
        code, said = super().data(msg)
        self.answer = said.decode("utf-8", "replace")
        return code, said

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Connect; called by `smtplib`."""
        opened = socket.create_connection((host, port), timeout, self.source_address)
        self._open = opened
        if self._implicit_tls is None:
            return opened
        return self._implicit_tls.wrap_socket(opened, server_hostname=host)

    def _expire(self) -> None:
        for each in (self.sock, self._open):
            if each is not None:
                with suppress(OSError):
                    # not SSLSocket.shutdown: it removes the TLS object while another thread reads
                    socket.socket.shutdown(each, socket.SHUT_RDWR)
