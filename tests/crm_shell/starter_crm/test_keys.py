import stat
from pathlib import Path

import pytest

from crm_shell.starter_crm.keys import app_key


def test_makes_a_key_once_and_keeps_it_for_the_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "crm"
    key = app_key(folder)
    assert len(key) >= 32
    assert app_key(folder) == key
    assert stat.S_IMODE((folder / "api-key").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["api-key"]


def test_refuses_an_empty_key_file(tmp_path: Path) -> None:
    (tmp_path / "api-key").touch()
    with pytest.raises(ValueError, match="is empty"):
        app_key(tmp_path)
