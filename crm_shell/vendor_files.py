"""Reads the vendor's listener files from the data folder, for addresses that change with their content.

Only files that the settings name are read.

Source: docs/listeners.md, Put it in.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LARGEST_BYTES = 1024 * 1024


@dataclass(frozen=True)
class VendorFile:
    """One listener file."""

    module: str
    """Name of the module: `mine`."""
    body: bytes

    @property
    def digest(self) -> str:
        """`0a1b2c3d4e5f`: changes with the content."""
        return hashlib.sha256(self.body).hexdigest()[:12]


@dataclass(frozen=True)
class VendorFiles:
    """The listed files that can be loaded, and problems with the others."""

    files: tuple[VendorFile, ...]
    problems: tuple[str, ...]
    """`listeners/gone.py: there is no such file`."""


def read(folder: Path, names: Iterable[str]) -> VendorFiles:
    """Read the files.

    Args:
        folder: The data folder.
        names: As in the settings: `listeners/mine.py`.
    """
    files, problems = [], []
    for name in names:
        found = _read(folder, name)
        if isinstance(found, VendorFile):
            files.append(found)
        else:
            problems.append(f"{name}: {found}")
    return VendorFiles(tuple(files), tuple(problems))


def _read(folder: Path, name: str) -> "VendorFile | str":
    """Return the file, or what is wrong with it."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        return "it leads out of the data folder"
    try:
        with path.open("rb") as file:
            body = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        return "there is no such file"
    except OSError as error:
        return f"it can't be read ({error.strerror})"
    if len(body) > LARGEST_BYTES:
        return f"it is longer than {LARGEST_BYTES} bytes"
    try:
        body.decode()
    except UnicodeDecodeError:
        return "it is no UTF-8 text"
    return VendorFile(Path(name).stem, body)
