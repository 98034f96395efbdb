from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from host.media import reencoding
from host.media.reencoding import NoImageError, reencode
from tests.host.media.pictures import SECRET, animation, bomb, photo_of_a_telephone, picture


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return tmp_path / "made"


def run(content: bytes, ending: str, made: Path, photo: Path | None = None) -> Image.Image:
    source = made.with_name("source")
    source.write_bytes(content)
    reencode(source, ending, made, photo)
    return Image.open(BytesIO(made.read_bytes()))


@pytest.mark.parametrize(("ending", "kind"), [("png", "PNG"), ("jpg", "JPEG"), ("gif", "GIF"), ("webp", "WEBP")])
def test_an_image_stays_one_of_its_format(made: Path, ending: str, kind: str) -> None:
    image = run(picture(kind), ending, made)
    assert (image.format, image.size) == (kind, (40, 20))
    red = image.convert("RGB").getpixel((5, 10))
    assert isinstance(red, tuple)
    assert red[0] > 240
    assert red[2] < 20


def test_a_photo_stands_upright_and_says_nothing_more(made: Path) -> None:
    content = photo_of_a_telephone()
    assert SECRET in content
    image = run(content, "jpg", made)
    assert image.size == (20, 40)
    assert SECRET not in made.read_bytes()
    assert not image.getexif()
    assert "comment" not in image.info


@pytest.mark.parametrize("ending", ["png", "webp", "gif"])
def test_texts_and_profiles_go(made: Path, ending: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kind = reencoding.FORMATS[ending]
    image = run(picture(kind, icc_profile=profile, comment=SECRET), ending, made)
    assert "icc_profile" not in image.info
    assert SECRET not in made.read_bytes()


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_goes_on_moving(made: Path, kind: str) -> None:
    image = run(animation(kind), kind.lower(), made)
    assert getattr(image, "n_frames", 1) == 3


@pytest.mark.parametrize(
    ("ending", "tail"),
    [
        ("gif", b"/*\n*/=1;alert(document.domain)//"),
        ("png", b"PK\x03\x04 a zip file"),
        ("jpg", b"<script>alert(1)</script><?php system($_GET[0]);"),
    ],
)
def test_a_polyglot_keeps_its_picture_only(made: Path, ending: str, tail: bytes) -> None:
    run(picture(reencoding.FORMATS[ending]) + tail, ending, made)
    assert tail not in made.read_bytes()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_pixels_becomes_an_image_and_a_photo(made: Path, mode: str) -> None:
    photo = made.with_name("photo")
    run(picture("PNG", mode=mode), "png", made, photo)
    with Image.open(photo) as image:
        assert (image.format, image.size) == ("JPEG", (40, 20))


def test_what_is_transparent_is_white_in_a_photo(made: Path) -> None:
    photo = made.with_name("photo")
    clear = BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(clear, "PNG")
    image = run(clear.getvalue(), "png", made, photo)
    assert image.mode == "RGBA"
    with Image.open(photo) as flat:
        assert flat.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("ending", "content"),
    [
        ("png", b"\x89PNG\r\n\x1a\n" + b"x" * 100),
        ("png", picture("PNG")[:-30]),
        ("jpg", picture("JPEG")[:200]),
        ("png", picture("JPEG")),
        ("gif", b"GIF89a/*" + bytes(100)),
        ("webp", b"RIFF\x00\x00\x00\x00WEBP"),
        ("png", b""),
    ],
)
def test_what_is_no_such_image_is_refused(made: Path, ending: str, content: bytes) -> None:
    with pytest.raises(NoImageError, match="something else, or broken"):
        run(content, ending, made)
    assert not made.exists()


def test_a_decompression_bomb_is_refused_before_it_is_unpacked(made: Path) -> None:
    with pytest.raises(NoImageError, match="too many pixels"):
        run(bomb(30_000, 10_000), "png", made)


def test_one_that_is_not_quite_as_large_is_refused_too(made: Path) -> None:
    with pytest.raises(NoImageError, match="has 80 million pixels; at most 64"):
        run(bomb(10_000, 8_000), "png", made)


def test_a_film_of_too_many_frames_is_refused(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reencoding, "MOST_FRAMES", 2)
    with pytest.raises(NoImageError, match="has 3 frames; at most 2"):
        run(animation(), "gif", made)
