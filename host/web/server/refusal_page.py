"""Writes the answers that the server gives without calling the application; nobody may frame them."""

import socket
from http import HTTPStatus

from gunicorn import util

from host.web.security.csp import FILE_POLICY


def refuse(connection: socket.socket, status: int) -> None:
    """Answer with a status and its standard text, without waiting for the client to read it."""
    found = HTTPStatus(status)
    write(connection, status, found.phrase, found.description or found.phrase)


def write(connection: socket.socket, status: int, reason: str, message: str) -> None:
    """Answer a request that never reaches the application, such as one with a too long address."""
    body = f"{status} {reason}\n{message}\n"
    head = [
        f"HTTP/1.1 {status} {reason}",
        "Connection: close",
        "Content-Type: text/plain; charset=utf-8",
        "X-Content-Type-Options: nosniff",
        f"Content-Security-Policy: {FILE_POLICY}",
        "Cross-Origin-Resource-Policy: same-origin",
        f"Content-Length: {len(body.encode())}",
    ]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        head.append("Retry-After: 10")
    util.write_nonblock(connection, ("\r\n".join(head) + f"\r\n\r\n{body}").encode())
