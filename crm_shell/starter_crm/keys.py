"""Reads the API key, or creates it and stores it in the CRM's folder."""

import os
import secrets
from pathlib import Path

FILE_NAME = "api-key"


def app_key(folder: Path) -> str:
    """Return the key kept in `folder`, making it (mode 600) the first time.

    Two processes that start together end up with the same key: the first one to link its file wins.
    """
    path = folder / FILE_NAME
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _keep(path, secrets.token_urlsafe(32))
    key = path.read_text(encoding="ascii").strip()
    if not key:
        raise ValueError(f"{path} is empty: write an API key into it, or delete it to have one made")
    return key


def _keep(path: Path, key: str) -> None:
    draft = path.with_name(f".{path.name}-{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(key + "\n", encoding="ascii")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # the other process's key is as good as ours
    finally:
        draft.unlink()
