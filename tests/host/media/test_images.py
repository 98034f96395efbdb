"""The process of its own; what it makes of images is tested in test_reencoding.py."""

from pathlib import Path

import pytest
from PIL import Image

from host.errors import NoRoomError
from host.media.images import UnfitImageError, clean
from tests.host.media.pictures import SECRET, photo_of_a_telephone


def test_it_writes_image_and_photo(tmp_path: Path) -> None:
    source, target, photo = (tmp_path / name for name in ("source", "target", "photo"))
    source.write_bytes(photo_of_a_telephone())
    clean(source, "jpg", target, photo)
    for path in (target, photo):
        assert SECRET not in path.read_bytes()
        with Image.open(path) as image:
            assert image.format == "JPEG"


def test_what_is_no_image_is_told(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"<script>")
    with pytest.raises(UnfitImageError, match="something else, or broken"):
        clean(source, "png", tmp_path / "target")


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(photo_of_a_telephone())
    with pytest.raises(NoRoomError):
        clean(source, "jpg", Path("/dev/full"))
