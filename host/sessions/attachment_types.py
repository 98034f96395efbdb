"""The types of files that people may send in a chat.

Source: docs/reference/sessions.md, Attachments.
"""

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from host.errors import FieldsError

LARGEST_FILE_BYTES = 10 * 1024 * 1024
LARGEST_VIDEO_BYTES = 100 * 1024 * 1024
LONGEST_NAME = 120
_UNFIT = re.compile(r"[\\/:*?\"<>|\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")
"""Characters that file systems refuse, or that are not seen and hide what a name ends with."""


class FileType(NamedTuple):
    """An allowed type of file."""

    media_type: str
    begins: tuple[bytes, ...] = ()
    """What its content begins with, one of these; empty: anything."""
    shown_as: Literal["image", "video", "download"] = "download"
    """How pages show it."""

    @property
    def is_image(self) -> bool:
        """Whether it is written anew from its pixels, and pages show it."""
        return self.shown_as == "image"

    @property
    def is_video(self) -> bool:
        """Whether its container is checked, and pages play it."""
        return self.shown_as == "video"

    @property
    def largest_bytes(self) -> int:
        """The largest size that is taken."""
        return LARGEST_VIDEO_BYTES if self.is_video else LARGEST_FILE_BYTES


_ZIP = (b"PK\x03\x04",)
_OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES: Mapping[str, FileType] = {
    "png": FileType("image/png", (b"\x89PNG\r\n\x1a\n",), "image"),
    "jpg": FileType("image/jpeg", (b"\xff\xd8\xff",), "image"),
    "jpeg": FileType("image/jpeg", (b"\xff\xd8\xff",), "image"),
    "gif": FileType("image/gif", (b"GIF87a", b"GIF89a"), "image"),
    "webp": FileType("image/webp", (b"RIFF",), "image"),
    "mp4": FileType("video/mp4", shown_as="video"),
    "m4v": FileType("video/mp4", shown_as="video"),
    "mov": FileType("video/quicktime", shown_as="video"),
    "pdf": FileType("application/pdf", (b"%PDF-",)),
    "txt": FileType("text/plain"),
    "csv": FileType("text/csv"),
    "docx": FileType(f"{_OFFICE}.wordprocessingml.document", _ZIP),
    "xlsx": FileType(f"{_OFFICE}.spreadsheetml.sheet", _ZIP),
    "odt": FileType("application/vnd.oasis.opendocument.text", _ZIP),
    "zip": FileType("application/zip", _ZIP),
}
"""By the ending of the name, in lower case. No type that a browser runs: no HTML, SVG, XML."""


def checked(name: str) -> tuple[str, str]:
    """Return a file's name as it is shown, and its ending, a key of `TYPES`.

    Raises:
        FieldsError: Its type isn't allowed.
    """
    plain = _UNFIT.sub("_", name.strip()).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if not dot or ending.lower() not in TYPES:
        allowed = ", ".join(TYPES)
        raise FieldsError({"file": f"“{plain[:LONGEST_NAME]}” can't be sent; files may end with: {allowed}."})
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}", ending.lower()
