"""Tests the external storage: writes, reads, renames and deletes a probe, and names the step that fails.

Source: docs/reference/files.md, Connection test.
"""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

from host.errors import StorageError
from host.storage.gcs_tokens import TokenSource
from host.storage.open_storage import open_storage
from host.storage.settings import ExternalStorage
from host.storage.sftp import SftpStorage
from host.storage.sftp_connection import fingerprint
from host.storage.storage import Storage

STEPS = ("connect", "sign_in", "write", "read", "rename", "delete")


@dataclass
class Tested:
    """The result of a test."""

    done: list[str] = field(default_factory=list)
    """Of `STEPS`, those that have succeeded."""
    failed: str = ""
    """The step that has failed; empty: none."""
    reason: str = ""
    host_key: str = ""
    """What an SFTP server has shown."""

    @property
    def is_fine(self) -> bool:
        """Whether all steps have succeeded."""
        return not self.failed

    @property
    def words(self) -> str:
        """What to show: `connect, sign_in: fine; write failed: permission denied`."""
        done = f"{', '.join(self.done)}: fine" if self.done else ""
        failed = f"{self.failed} failed: {self.reason}" if self.failed else ""
        key = f"the server's key is {fingerprint(self.host_key)}" if self.is_fine and self.host_key else ""
        return "; ".join(filter(None, (done, failed, key)))


def try_storage(settings: ExternalStorage, data: Path, linked: TokenSource | None = None) -> Tested:
    """Run the test; a host key that isn't pinned yet is accepted.

    Args:
        settings: What is tested.
        data: As in `open_storage`.
        linked: As in `open_storage`.
    """
    tested = Tested()
    try:
        storage = _opened(settings, data, linked)
        try:
            _steps(storage, _probe(settings.folder_path), tested)
        finally:
            storage.close()
            tested.host_key = storage.host_key if isinstance(storage, SftpStorage) else ""
    except StorageError as error:
        tested.failed, tested.reason = error.step, error.reason
    return tested


def _opened(settings: ExternalStorage, data: Path, linked: TokenSource | None) -> Storage:
    if settings.backend == "sftp":
        return SftpStorage(settings.sftp, settings.policy(settings.sftp.address.host), trust_any_key=True)
    return open_storage(settings, data, linked)


def _probe(folder_path: str) -> str:
    """Return a path that no file has, as far as the folder path has no variables."""
    fixed = folder_path.partition("{")[0].rpartition("/")[0] if "{" in folder_path else folder_path.rstrip("/")
    return f"{fixed}/" * bool(fixed) + f"patchbay-test-{token_hex(8)}.txt"


def _steps(storage: Storage, probe: str, tested: Tested) -> None:
    storage.size(probe)
    tested.done += ["connect", "sign_in"]
    _write(storage, probe, b"The first version of a probe.\n")
    tested.done.append("write")
    try:
        _compare(storage, probe, b"The first version of a probe.\n", "read")
        tested.done.append("read")
        _write(storage, probe, b"The second version.\n")
        _compare(storage, probe, b"The second version.\n", "rename")
        tested.done.append("rename")
    except StorageError:
        _quietly(lambda: storage.delete(probe))
        raise
    storage.delete(probe)
    if storage.size(probe) is not None:
        raise StorageError("delete", "the probe is still there")
    tested.done.append("delete")


def _write(storage: Storage, probe: str, content: bytes) -> None:
    sha256 = hashlib.sha256(content).hexdigest()
    storage.write(probe, lambda: io.BytesIO(content), size_bytes=len(content), sha256=sha256)


def _compare(storage: Storage, probe: str, content: bytes, step: str) -> None:
    if b"".join(storage.read(probe)) != content:
        raise StorageError(step, "the storage gives back something else than was written")


def _quietly(action: Callable[[], object]) -> None:
    try:
        action()
    except StorageError:
        return  # the first failure is told
