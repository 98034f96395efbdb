from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from host.errors import FieldsError, NoRoomError
from host.sessions import attachment_files, attachment_types
from host.sessions.attachment_files import AttachmentFiles, room_needed
from tests.host.media.pictures import SECRET, photo_of_a_telephone, picture, video

PNG = picture("PNG")


class Endless:
    """A stream of two gigabytes that counts what is read."""

    def __init__(self, first: bytes = b"") -> None:
        self.first, self.left, self.read_bytes = first, 2 * 1024**3, 0

    def read(self, size: int = -1) -> bytes:
        piece, self.first = (self.first, b"") if self.first else (bytes(min(size, self.left)), b"")
        self.left -= len(piece)
        self.read_bytes += len(piece)
        return piece


@pytest.fixture
def files(tmp_path: Path) -> AttachmentFiles:
    return AttachmentFiles(tmp_path)


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_is_stored_under_a_random_name_that_only_we_read(files: AttachmentFiles, tmp_path: Path) -> None:
    stored = files.store("photo.PNG", BytesIO(PNG))
    assert (stored.name, stored.ending) == ("photo.PNG", "png")
    [path] = kept(tmp_path)
    assert path == tmp_path / "attachments" / stored.key
    assert (path.stat().st_size, path.stat().st_mode & 0o777) == (stored.size_bytes, 0o600)
    files.drop(stored.key)
    files.drop(stored.key)
    assert kept(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.txt", "_.._etc_passwd.txt"),
        ("C:\\fakepath\\a.txt", "C_fakepath_a.txt"),
        ("a\u202etxt.exe.txt", "a_txt.exe.txt"),
        (" ünïcode 😀.txt ", "ünïcode 😀.txt"),
        ("x" * 500 + ".txt", "x" * 116 + ".txt"),
    ],
)
def test_a_name_is_only_a_name(files: AttachmentFiles, name: str, shown: str) -> None:
    assert files.store(name, BytesIO(b"x")).name == shown


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("page.html", b"<script>", "can't be sent; files may end with: png"),
        ("image.svg", b"<svg>", "can't be sent"),
        ("noending", b"x", "can't be sent"),
        ("", b"x", "can't be sent"),
        ("photo.png", b"<script>alert(1)</script>", "its content is something else"),
        ("photo.png", b"\x89PNG\r\n\x1a\n" + b"x" * 100, "something else, or broken"),
        ("photo.jpg", PNG, "its content is something else"),
        ("film.mp4", b"<script>alert(1)</script>", "can't be sent: it"),
        ("film.mp4", video() + b"PK\x03\x04 and more", "something follows"),
        ("empty.txt", b"", "is empty"),
        ("large.txt", b"x" * (attachment_types.LARGEST_FILE_BYTES + 1), "at most 10 MB"),
    ],
)
def test_refuses_what_is_no_such_file(
    files: AttachmentFiles, tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    with pytest.raises(FieldsError, match=problem):
        files.store(name, BytesIO(content))
    assert kept(tmp_path) == []


def test_a_photo_is_kept_without_what_the_camera_noted(files: AttachmentFiles) -> None:
    stored = files.store("IMG_1.jpg", BytesIO(photo_of_a_telephone()), with_photo=True)
    for path in (files.content(stored.key), files.photo(stored.key)):
        assert SECRET not in path.read_bytes()
        with Image.open(path) as image:
            assert (image.format, image.size) == ("JPEG", (20, 40))
    files.drop(stored.key)
    assert not files.photo(stored.key).exists()


def test_a_video_is_kept(files: AttachmentFiles) -> None:
    stored = files.store("film.MP4", BytesIO(video()))
    assert files.content(stored.key).read_bytes() == video()


@pytest.mark.parametrize(("name", "first", "most"), [("large.txt", b"x", 10), ("film.mp4", video(), 100)])
def test_two_gigabytes_are_refused_while_they_come(
    files: AttachmentFiles, tmp_path: Path, name: str, first: bytes, most: int
) -> None:
    content = Endless(first)
    with pytest.raises(FieldsError, match=f"at most {most} MB"):
        files.store(name, content)  # type: ignore[arg-type]
    assert content.read_bytes <= (most + 1) * 1024**2
    assert kept(tmp_path) == []


def test_what_has_to_stay_free_on_the_disk_stays_free(tmp_path: Path) -> None:
    files = AttachmentFiles(tmp_path, reserve_bytes=10**18)
    with pytest.raises(NoRoomError, match="no room for files at the moment"):
        files.store("a.txt", BytesIO(b"x"))
    assert kept(tmp_path) == []


def test_a_disk_that_fills_up_meanwhile_leaves_nothing_behind(
    files: AttachmentFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, *_: object) -> None:
        path.write_bytes(b"the beginning")
        with Path("/dev/full").open("wb", buffering=0) as disk:
            disk.write(b"x")

    monkeypatch.setattr(attachment_files, "_write", full)
    with pytest.raises(NoRoomError):
        files.store("photo.png", BytesIO(PNG))
    assert kept(tmp_path) == []


def test_other_errors_of_the_disk_stay_what_they_are() -> None:
    with pytest.raises(FileNotFoundError), room_needed():
        Path("/nothing/here").read_bytes()
