"""What every back end promises; each back end's test class has this one as its base."""

import hashlib
import io
from collections.abc import Iterator
from typing import BinaryIO

import pytest

from host.errors import StorageError
from host.storage.storage import Content, Storage, StoredObject

PATH = "ujet-metadata/call-103646.json"
LONG = bytes(range(256)) * 4096 * 3 + b"the end"
"""More than any back end sends or asks for at once would be slow; this is more than one piece."""


class StorageContract:
    """Needs a fixture `storage`, and `names`, which lists all names in the storage."""

    @pytest.fixture
    def storage(self) -> Iterator[Storage]:
        raise NotImplementedError

    def names(self, storage: Storage) -> list[str]:
        raise NotImplementedError

    def test_stores_a_file_whole(self, storage: Storage) -> None:
        stored = write(storage, PATH, LONG)

        assert (stored.path, stored.size_bytes, stored.checksum) == (PATH, len(LONG), sha256(LONG))
        assert read(storage, PATH) == LONG
        assert storage.size(PATH) == len(LONG)

    def test_stores_an_empty_file(self, storage: Storage) -> None:
        write(storage, "ujet-chat-transcripts/chat-1.txt", b"")

        assert storage.size("ujet-chat-transcripts/chat-1.txt") == 0
        assert read(storage, "ujet-chat-transcripts/chat-1.txt") == b""

    @pytest.mark.parametrize(
        ("first", "last", "expected"),
        [
            (0, 0, LONG[:1]),
            (5, 9, LONG[5:10]),
            (len(LONG) - 4, None, b" end"),
            (1000, 2_000_000, LONG[1000:2_000_001]),
            (len(LONG) - 2, len(LONG) + 50, b"nd"),
        ],
    )
    def test_reads_a_range(self, storage: Storage, first: int, last: int | None, expected: bytes) -> None:
        write(storage, PATH, LONG)

        assert b"".join(storage.read(PATH, first, last)) == expected

    def test_the_same_content_again_changes_nothing(self, storage: Storage) -> None:
        first = write(storage, PATH, b"one")

        assert write(storage, PATH, b"one") == first
        assert self.names(storage) == [PATH]

    @pytest.mark.parametrize("newer", [b"two", b"a longer version"])
    def test_other_content_replaces_the_file_as_a_whole(self, storage: Storage, newer: bytes) -> None:
        write(storage, PATH, b"one")
        write(storage, PATH, newer)

        assert read(storage, PATH) == newer
        assert self.names(storage) == [PATH]

    def test_content_that_differs_from_what_was_announced_leaves_nothing(self, storage: Storage) -> None:
        with pytest.raises(StorageError, match="announced") as caught:
            storage.write(PATH, opener(b"cut of"), size_bytes=7, sha256=sha256(b"cut off"))

        assert caught.value.is_permanent
        assert storage.size(PATH) is None
        assert self.names(storage) == []

    def test_a_failed_rewrite_keeps_the_older_version(self, storage: Storage) -> None:
        write(storage, PATH, b"older")
        with pytest.raises(StorageError):
            storage.write(PATH, broken_off, size_bytes=9, sha256=sha256(b"the newer"))

        assert read(storage, PATH) == b"older"
        assert self.names(storage) == [PATH]

    def test_missing_content_is_permanent(self, storage: Storage) -> None:
        def gone() -> BinaryIO:
            raise FileNotFoundError(2, "No such file or directory")

        with pytest.raises(StorageError, match="content to store") as caught:
            storage.write(PATH, gone, size_bytes=3, sha256=sha256(b"one"))

        assert caught.value.is_permanent

    def test_a_missing_file_has_no_size(self, storage: Storage) -> None:
        assert storage.size("ujet-metadata/call-1.json") is None

    def test_reading_a_missing_file_is_a_permanent_error(self, storage: Storage) -> None:
        with pytest.raises(StorageError, match="no such file") as caught:
            read(storage, "ujet-metadata/call-1.json")

        assert (caught.value.step, caught.value.is_permanent) == ("read", True)

    def test_deletes_a_file(self, storage: Storage) -> None:
        write(storage, PATH, b"one")
        storage.delete(PATH)
        storage.delete(PATH)

        assert storage.size(PATH) is None

    @pytest.mark.parametrize(
        "path",
        ["../call-1.json", "a/../../call-1.json", "a//b", "", "/", "a/", "a\\b", "a\x00b", "a\nb", "x" * 241, "a/./b"],
    )
    def test_refuses_a_hostile_path(self, storage: Storage, path: str) -> None:
        with pytest.raises(StorageError, match="the path is refused"):
            write(storage, path, b"one")

        assert self.names(storage) == []

    @pytest.mark.parametrize("name", ["it's 100% ä+b&c?d#e=f;g.txt", "%2e%2e", "a b.txt", "~", "日本語.txt"])
    def test_keeps_an_odd_name(self, storage: Storage, name: str) -> None:
        write(storage, f"files/{name}", b"one")

        assert read(storage, f"files/{name}") == b"one"
        assert self.names(storage) == [f"files/{name}"]

    def test_goes_on_after_close(self, storage: Storage) -> None:
        write(storage, PATH, b"one")
        storage.close()

        assert read(storage, PATH) == b"one"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def opener(content: bytes) -> Content:
    return lambda: io.BytesIO(content)


class BrokenOff(io.BytesIO):
    """Fails in the middle, as a disk that goes away."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 0:
            raise OSError(5, "Input/output error")
        return super().read(4)


def broken_off() -> BinaryIO:
    return BrokenOff(b"the newer")


def write(storage: Storage, path: str, content: bytes) -> StoredObject:
    return storage.write(path, opener(content), size_bytes=len(content), sha256=sha256(content))


def read(storage: Storage, path: str) -> bytes:
    return b"".join(storage.read(path))
