"""Paths in a storage: checked before any back end uses them.

Source: docs/reference/files.md, External storage.
"""

from host.errors import StorageError

LONGEST_NAME = 240
"""In bytes; file systems allow 255, and a temporary name has a few more than the final one."""
LONGEST_PATH = 1024
"""In bytes; what object stores allow."""


def checked(path: str) -> str:
    """Return `path` without a leading `/`.

    Raises:
        StorageError: It leads out of the folder, has no name, or holds what no file name may hold.
    """
    relative = path.removeprefix("/")
    parts = relative.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        raise _refused("it holds an empty folder name, . or ..")
    if "\\" in path or not path.isprintable():
        raise _refused("it holds a backslash or a control character")
    if any(len(part.encode()) > LONGEST_NAME for part in parts) or len(relative.encode()) > LONGEST_PATH:
        raise _refused(f"it is longer than {LONGEST_PATH} bytes, or one of its names longer than {LONGEST_NAME}")
    return relative


def temporary(path: str) -> str:
    """Return the name under which a file is written first: `a/.call-1.json.part`.

    It is always the same, so that the next try replaces what a killed one has left.
    """
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}.{name}.part"


def _refused(reason: str) -> StorageError:
    return StorageError("write", f"the path is refused: {reason}", is_permanent=True)
