"""Writes an image anew from its pixels, so that nothing else of the file is left: no metadata, no second format.

It runs in a process of its own (`image_process.py`), because it reads what strangers have made.

Source: docs/reference/sessions.md, Attachments.
"""

import os
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

FORMATS: Mapping[str, str] = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "gif": "GIF", "webp": "WEBP"}
MOST_PIXELS = 64_000_000
"""Of all frames together; the largest telephones make photos of 50 million."""
MOST_FRAMES = 500
QUALITY = 90
_SAVED_AS: Mapping[str, Mapping[str, Any]] = {
    "JPEG": {"quality": QUALITY},
    "WEBP": {"quality": QUALITY},
    "PNG": {"optimize": False},
    "GIF": {},
}
WHITE = (255, 255, 255, 255)


class NoImageError(Exception):
    """The file is no image of its type; the text says why, for the sender."""


def reencode(source: Path, ending: str, target: Path, photo: Path | None = None) -> None:
    """Write an image anew.

    Args:
        source: The file as it came.
        ending: A key of `FORMATS`.
        target: Gets the image, in the same format.
        photo: Gets the image as JPEG, its first frame; None: isn't wanted.

    Raises:
        NoImageError: It is none, is broken, or has too many pixels.
        OSError: The disk is full.
    """
    try:
        with Image.open(source, formats=[FORMATS[ending]]) as image:
            _check_size(image)
            frames = [_plain(frame) for frame in ImageSequence.Iterator(image)]
            delays = _delays(image)
    except Image.DecompressionBombError as error:
        raise NoImageError(f"it has too many pixels; at most {MOST_PIXELS // 1_000_000} million can be sent") from error
    except (UnidentifiedImageError, SyntaxError, ValueError, EOFError, OSError) as error:
        raise NoImageError("its content is something else, or broken") from error
    _save(frames, delays, FORMATS[ending], target)
    if photo is not None:
        _save([_flat(frames[0])], (), "JPEG", photo)


def _check_size(image: Image.Image) -> None:
    count = getattr(image, "n_frames", 1)
    if count > MOST_FRAMES:
        raise NoImageError(f"it has {count} frames; at most {MOST_FRAMES} can be sent")
    pixels = image.width * image.height * count
    if pixels > MOST_PIXELS:
        raise NoImageError(
            f"it has {pixels // 1_000_000} million pixels; at most {MOST_PIXELS // 1_000_000} can be sent"
        )


def _delays(image: Image.Image) -> tuple[int, ...]:
    """Return how long each frame is shown, in milliseconds."""
    return tuple(int(frame.info.get("duration", 100) or 100) for frame in ImageSequence.Iterator(image))


def _plain(frame: Image.Image) -> Image.Image:
    """Return the pixels of a frame, upright, in sRGB."""
    profile, has_alpha = frame.info.get("icc_profile"), frame.has_transparency_data
    upright = ImageOps.exif_transpose(frame)
    if upright.mode.startswith("I"):  # 16 bits
        upright = upright.convert("I").point(lambda value: value / 256).convert("L")
    elif upright.mode not in {"L", "RGB", "RGBA"} or has_alpha:
        upright = upright.convert("RGBA" if has_alpha else "RGB")
    made = _in_srgb(upright, profile).copy()
    made.info = {}
    return made


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert the colours of an image with a profile; one that can't be used is ignored."""
    if not profile or image.mode not in {"RGB", "RGBA"}:
        return image
    try:
        own, wanted = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, own, wanted, outputMode=image.mode) or image
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image


def _flat(image: Image.Image) -> Image.Image:
    """Return an image on white, as JPEG needs it."""
    if image.mode != "RGBA":
        return image
    return Image.alpha_composite(Image.new("RGBA", image.size, WHITE), image).convert("RGB")


def _save(frames: list[Image.Image], delays: tuple[int, ...], kind: str, target: Path) -> None:
    several: dict[str, Any] = {}
    if len(frames) > 1:
        several = {"save_all": True, "append_images": frames[1:], "duration": list(delays), "loop": 0}
        several |= {"disposal": 2} if kind == "GIF" else {}
    first = _flat(frames[0]) if kind == "JPEG" else frames[0]
    with target.open("wb") as file:
        first.save(file, kind, **_SAVED_AS[kind], **several)
        file.flush()
        os.fsync(file.fileno())
