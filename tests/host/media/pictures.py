"""Images and videos for tests, made on the spot."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image
from PIL.Image import Exif

GPS = 0x8825
ORIENTATION = 0x0112
SECRET = b"52.5200 N 13.4050 E"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **saved: Any) -> bytes:
    """Return an image: its left half is red."""
    image = Image.new(mode, size, "blue" if mode in {"RGB", "RGBA"} else 0)
    if mode in {"RGB", "RGBA"}:
        image.paste((255, 0, 0), (0, 0, size[0] // 2, size[1]))
    out = BytesIO()
    image.save(out, kind, **saved)
    return out.getvalue()


def photo_of_a_telephone() -> bytes:
    """Return a JPEG that says where it was made, and that it lies on its side."""
    exif = Exif()
    exif[ORIENTATION] = 6
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(GPS)[1] = "N"
    return picture("JPEG", exif=exif, comment=SECRET)


def animation(kind: str = "GIF") -> bytes:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    out = BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=0)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that says it is large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    parts = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def box(kind: bytes, content: bytes = b"") -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def video(*more: bytes, brand: bytes = b"isom", notes: bytes = b"") -> bytes:
    """Return a container with the boxes of a video; no browser could play it."""
    track = box(b"trak", box(b"tkhd", bytes(20)) + notes)
    movie = box(b"moov", box(b"mvhd", bytes(20)) + track + notes)
    return box(b"ftyp", brand + bytes(4) + brand) + movie + box(b"mdat", b"pictures and sound") + b"".join(more)
