"""Content of session files in the data folder."""

import io
import os
from hashlib import sha256
from pathlib import Path

import pytest

from host.files.content import ContentFolder


class Breaking(io.BytesIO):
    """A stream that ends with an error, as a disk that is full does."""

    def read(self, size: int | None = -1, /) -> bytes:
        if piece := super().read(size):
            return piece
        raise OSError(28, "No space left on device")


def names(data: Path) -> list[str]:
    return sorted(path.name for path in (data / "content").iterdir())


def test_content_is_stored_whole(tmp_path: Path) -> None:
    folder, content = ContentFolder(tmp_path), b"Hi!" * 200_000
    stored = folder.store(io.BytesIO(content))
    assert (stored.size_bytes, stored.sha256) == (len(content), sha256(content).hexdigest())
    with folder.open(stored.path) as file:
        assert file.read() == content
    assert (tmp_path / stored.path).stat().st_mode & 0o777 == 0o600


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space"):
        ContentFolder(tmp_path).store(Breaking(b"half"))
    assert names(tmp_path) == []


def test_deleting_twice_is_deleting(tmp_path: Path) -> None:
    folder = ContentFolder(tmp_path)
    stored = folder.store_bytes(b"Hi!")
    folder.delete(stored.path)
    folder.delete(stored.path)
    assert not folder.has(stored.path)


def test_a_sweep_deletes_what_nothing_names(tmp_path: Path) -> None:
    folder = ContentFolder(tmp_path)
    named, lost, fresh = (folder.store_bytes(each) for each in (b"named", b"lost", b"fresh"))
    (tmp_path / "content" / "0f.partial").write_bytes(b"half")
    for path in (named.path, lost.path, "content/0f.partial"):
        os.utime(tmp_path / path, (1000, 1000))
    assert folder.sweep(lambda: {named.path}) == 2
    assert names(tmp_path) == sorted(Path(each.path).name for each in (named, fresh))


def test_a_sweep_of_no_folder_finds_nothing(tmp_path: Path) -> None:
    assert ContentFolder(tmp_path).sweep(set) == 0
