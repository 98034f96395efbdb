"""WebSocket framing (RFC 6455) for a minimal client without extensions."""

import base64
import os
import struct
from collections.abc import Iterator

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
FINAL = 0x80
MASK = bytes(4)
"""All zeros, which leave the text unchanged; RFC 6455 allows any mask."""


def upgrade(host: str, path: str) -> bytes:
    """Return the request that opens a WebSocket, as a page of that host's own sends it."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        f"Origin: http://{host}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def written(opcode: int, payload: bytes) -> bytes:
    """Return one frame of a client, with at most 65,535 bytes.

    Raises:
        ValueError: There is more in it.
    """
    if len(payload) > 0xFFFF:
        raise ValueError(f"found {len(payload)} bytes; a frame of ours has at most 65,535")
    length = bytes([FINAL | len(payload)]) if len(payload) < 126 else struct.pack("!BH", FINAL | 126, len(payload))
    return bytes([FINAL | opcode]) + length + MASK + payload


def read(buffer: bytearray) -> Iterator[tuple[int, bytes]]:
    """Yield the complete frames of a server, opcode and payload; an incomplete one stays in `buffer`."""
    while len(buffer) >= 2:
        length, start = buffer[1] & 0x7F, 2
        if length == 126:
            length, start = int.from_bytes(buffer[2:4]), 4
        elif length == 127:
            length, start = int.from_bytes(buffer[2:10]), 10
        if len(buffer) < start + length:
            return
        frame = buffer[0] & 0x0F, bytes(buffer[start : start + length])
        del buffer[: start + length]
        yield frame
