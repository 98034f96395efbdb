"""Checks that a file is an MP4 or QuickTime video, box by box, and blanks what its camera has noted, such as the place.

Pictures and sound are not written anew: they are played by browsers only, as a video, with no way to be anything else.

Source: docs/reference/sessions.md, Attachments.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

HEADER_BYTES = 8
MOST_BOXES = 10_000
DEEPEST = 4
_KNOWN = frozenset(
    {b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"free", b"skip", b"wide", b"uuid", b"sidx", b"styp", b"meta"}
    | {b"pdin", b"udta", b"emsg", b"prft", b"ssix", b"pnot"}
)
"""What may stand at the top."""
_WITH_OTHERS = frozenset({b"moov", b"trak", b"moof", b"traf"})
_NOTES = frozenset({b"udta", b"meta", b"uuid", b"pnot"})
"""Notes of cameras and programs: place, device, texts."""
_BRANDS = (b"isom", b"iso", b"mp4", b"avc", b"M4V", b"qt  ", b"MSNV", b"dash", b"mmp4", b"3gp", b"hvc", b"XAVC")
"""What the brand of a video begins with; pictures such as `heic` and `avif` have the same container."""


class UnfitVideoError(Exception):
    """The file is no such video; the text says why, for the sender."""


class Box(NamedTuple):
    """A part of the container."""

    kind: bytes
    start: int
    content: int
    """Where its content begins."""
    end: int


def clean(path: Path) -> None:
    """Check a video, and blank its notes in place.

    Raises:
        UnfitVideoError: It is none, or is not whole.
    """
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        boxes = list(_boxes(file, 0, size))
        _check(file, boxes)
        for box in list(_notes(file, boxes, 0)):
            _blank(file, box)
        file.flush()
        os.fsync(file.fileno())


def _check(file: BinaryIO, boxes: list[Box]) -> None:
    kinds = [box.kind for box in boxes]
    if not kinds or kinds[0] != b"ftyp":
        raise UnfitVideoError("its content is something else")
    file.seek(boxes[0].content)
    if not file.read(4).startswith(_BRANDS):
        raise UnfitVideoError("its content is something else")
    if strange := set(kinds) - _KNOWN:
        raise UnfitVideoError(f"it holds something else as well ({len(strange)} unknown parts)")
    if b"moov" not in kinds or not {b"mdat", b"moof"} & set(kinds):
        raise UnfitVideoError("it is not whole")


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes between two places; they fill it exactly."""
    for _ in range(MOST_BOXES):
        if start == end:
            return
        file.seek(start)
        head = file.read(HEADER_BYTES)
        size, content = int.from_bytes(head[:4], "big"), start + HEADER_BYTES
        if size == 1:
            size, content = int.from_bytes(file.read(8), "big"), start + 2 * HEADER_BYTES
        elif size == 0:
            size = end - start
        if len(head) < HEADER_BYTES or content > start + size or start + size > end:
            raise UnfitVideoError("it is not whole, or something follows it")
        yield Box(head[4:], start, content, start + size)
        start += size
    raise UnfitVideoError("it has too many parts")


def _notes(file: BinaryIO, boxes: list[Box], depth: int) -> Iterator[Box]:
    for box in boxes:
        if box.kind in _NOTES:
            yield box
        elif box.kind in _WITH_OTHERS and depth < DEEPEST:
            yield from _notes(file, list(_boxes(file, box.content, box.end)), depth + 1)


def _blank(file: BinaryIO, box: Box) -> None:
    """Make a box one of free space; places of other boxes stay as they are."""
    file.seek(box.start + 4)
    file.write(b"free")
    file.seek(box.content)
    left = box.end - box.content
    while left > 0:
        left -= file.write(bytes(min(left, 1024 * 1024)))
