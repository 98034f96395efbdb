import errno
import os
from pathlib import Path

import pytest

from host.errors import StorageError
from host.storage.open_storage import open_storage
from host.storage.settings import ExternalStorage
from host.storage.storage import Storage
from tests.host.storage.contract import PATH, StorageContract, read, write


class TestLocalStorage(StorageContract):
    @pytest.fixture
    def storage(self, tmp_path: Path) -> Storage:
        return open_storage(ExternalStorage(), tmp_path)

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "files"

    def names(self, storage: Storage) -> list[str]:
        return [str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()]

    def test_only_our_user_can_look_into_it(self, storage: Storage) -> None:
        write(storage, PATH, b"one")

        assert (self.folder / PATH).stat().st_mode & 0o777 == 0o600
        assert (self.folder / PATH).parent.stat().st_mode & 0o777 == 0o700

    def test_replaces_what_a_killed_write_has_left(self, storage: Storage) -> None:
        draft = self.folder / "ujet-metadata/.call-103646.json.part"
        draft.parent.mkdir(parents=True)
        draft.write_bytes(b"half of a longer version")
        write(storage, PATH, b"one")

        assert read(storage, PATH) == b"one"
        assert self.names(storage) == [PATH]

    def test_a_full_disk_leaves_the_older_version(self, storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(descriptor: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        write(storage, PATH, b"older")
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(StorageError, match="the disk is full") as caught:
                write(storage, PATH, b"newer")

        assert not caught.value.is_permanent
        assert read(storage, PATH) == b"older"
        assert self.names(storage) == [PATH]
