"""An SFTP server.

Source: docs/reference/files.md, SFTP.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import quote

from host.crm.http.ssrf_guard import Policy
from host.errors import StorageError
from host.storage import paths
from host.storage.settings import Sftp
from host.storage.sftp_connection import SftpConnection, connect
from host.storage.sftp_files import SftpFiles
from host.storage.stall_limit import STALL_S, stall_limit
from host.storage.storage import CHUNK_BYTES, Content, StoredObject

REST_MAX_S = 30.0
"""How long an idle connection is kept for the next use."""


class SftpStorage:
    """Files on an SFTP server; each method has a connection of its own while it runs."""

    def __init__(self, sftp: Sftp, policy: Policy, *, trust_any_key: bool = False, stall_s: float = STALL_S) -> None:
        """Keep the settings; nothing is connected.

        Args:
            sftp: The settings.
            policy: Which addresses are allowed.
            trust_any_key: See `connect`.
            stall_s: How long a step may go on without any progress.
        """
        self._sftp = sftp
        self._policy = policy
        self._trust_any_key = trust_any_key
        self._stall_s = stall_s
        self._idle: tuple[SftpConnection, float] | None = None
        self._lock = threading.Lock()
        self.host_key = sftp.host_key
        """The server's, once connected: `ssh-ed25519 AAAA...`."""

    def write(self, path: str, content: Content, *, size_bytes: int, sha256: str) -> StoredObject:
        """Write to a temporary name, read it back, rename."""
        target, draft = self._at(path), self._at(paths.temporary(path))
        with self._files() as files:
            if not files.holds(target, size_bytes, sha256):
                files.make_folder(target.rpartition("/")[0])
                try:
                    files.write(draft, content, size_bytes=size_bytes, sha256=sha256)
                    files.rename(draft, target)
                except BaseException:
                    with suppress(StorageError):
                        files.remove(draft)
                    raise
        return StoredObject(path, size_bytes, sha256, self._url(target))

    def read(self, path: str, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """Yield the file in pieces; between them nothing holds the connection."""
        target, position = self._at(path), first
        while piece := self._piece(target, position, last):
            yield piece
            position += len(piece)

    def size(self, path: str) -> int | None:
        """Return the size in bytes; None when there is no such file."""
        with self._files() as files:
            return files.size(self._at(path))

    def delete(self, path: str) -> None:
        """Delete a file; its folder stays."""
        with self._files() as files:
            files.remove(self._at(path))

    def close(self) -> None:
        """Close the idle connection."""
        with self._lock:
            idle, self._idle = self._idle, None
        if idle is not None:
            idle[0].close()

    def _piece(self, target: str, position: int, last: int | None) -> bytes:
        with self._files() as files:
            size = files.size(target)
            if size is None:
                raise StorageError("read", "there is no such file", is_permanent=True)
            end = min(size, position + CHUNK_BYTES, size if last is None else last + 1)
            return files.read(target, position, end) if position < end else b""

    def _at(self, path: str) -> str:
        """Return the path at the server: `/archive/ujet-metadata/call-1.json`; a relative one starts at the sign-in."""
        folder = self._sftp.address.folder
        root = "/" if path.startswith("/") and not folder else f"{folder}/" if folder else ""
        return root + paths.checked(path)

    def _url(self, target: str) -> str:
        address = self._sftp.address
        port = "" if address.port == 22 else f":{address.port}"
        return f"sftp://{address.host}{port}/{quote(target.removeprefix('/'))}"

    @contextmanager
    def _files(self) -> Iterator[SftpFiles]:
        """Take a connection; keep it for the next use when it still works."""
        connection = self._rested() or connect(self._sftp, self._policy, trust_any_key=self._trust_any_key)
        self.host_key = connection.host_key
        is_fine = False
        try:
            with stall_limit(connection.sock, self._stall_s) as progress:
                try:
                    yield SftpFiles(connection.client, progress)
                except StorageError as error:
                    is_fine = connection.transport.is_active()
                    if progress.has_stalled:
                        raise StorageError(error.step, f"nothing moved for {self._stall_s:g} s") from error
                    raise
                is_fine = connection.transport.is_active()
        finally:
            self._rest(connection) if is_fine else connection.close()

    def _rested(self) -> SftpConnection | None:
        with self._lock:
            idle, self._idle = self._idle, None
        if idle is None:
            return None
        if idle[0].transport.is_active() and time.monotonic() - idle[1] < REST_MAX_S:
            return idle[0]
        idle[0].close()
        return None

    def _rest(self, connection: SftpConnection) -> None:
        with self._lock:
            other, self._idle = self._idle, (connection, time.monotonic())
        if other is not None:
            other[0].close()
