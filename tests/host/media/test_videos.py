from pathlib import Path

import pytest

from host.media.videos import UnfitVideoError, clean
from tests.host.media.pictures import SECRET, box, video


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "video"


@pytest.mark.parametrize("brand", [b"isom", b"mp42", b"iso6", b"avc1", b"M4V ", b"qt  "])
def test_a_video_stays_as_it_is(path: Path, brand: bytes) -> None:
    content = video(brand=brand)
    path.write_bytes(content)
    clean(path)
    assert path.read_bytes() == content


def test_what_the_camera_noted_is_blanked_in_its_place(path: Path) -> None:
    notes = box(b"udta", box(b"\xa9xyz", SECRET)) + box(b"meta", SECRET)
    content = video(box(b"uuid", SECRET), notes=notes)
    path.write_bytes(content)
    clean(path)
    made = path.read_bytes()
    assert SECRET in content
    assert SECRET not in made
    assert len(made) == len(content)
    assert made.index(b"pictures and sound") == content.index(b"pictures and sound")
    clean(path)
    assert path.read_bytes() == made


def test_large_boxes_and_one_that_goes_to_the_end_are_read(path: Path) -> None:
    large = (1).to_bytes(4, "big") + b"free" + (16 + 5).to_bytes(8, "big") + b"space"
    last = bytes(4) + b"mdat" + b"more"
    path.write_bytes(video(large, last))
    clean(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "something else"),
        (b"<script>alert(1)</script>", "not whole|something else"),
        (box(b"moov") + box(b"mdat"), "something else"),
        (video(brand=b"heic"), "something else"),
        (video(brand=b"avif"), "something else"),
        (video() + b"PK\x03\x04 a zip file, of some length", "something follows"),
        (video()[:-4], "not whole"),
        (video(box(b"PK\x03\x04")), "something else as well"),
        (box(b"ftyp", b"isom" + bytes(8)), "not whole"),
        (box(b"ftyp", b"isom") + box(b"moov") + (4).to_bytes(4, "big") + b"mdat", "not whole"),
        (box(b"ftyp", b"isom") + box(b"free") * 10_001, "too many parts"),
    ],
)
def test_what_is_no_such_video_is_refused(path: Path, content: bytes, says: str) -> None:
    path.write_bytes(content)
    with pytest.raises(UnfitVideoError, match=says):
        clean(path)
