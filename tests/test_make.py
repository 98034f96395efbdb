"""The Makefile on machines that lack something."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = ("bash", "cat", "cp", "env", "make", "mkdir", "rm", "sh", "touch")


@pytest.mark.parametrize("has_venv", [False, True])
@pytest.mark.parametrize("target", ["run", "check", "test"])
def test_npm_is_missed_before_pip_installs_anything(machine: Path, target: str, has_venv: bool) -> None:
    if has_venv:
        _add_program(machine / ".venv" / "bin" / "pip", machine)
        (machine / ".venv" / "stamps").mkdir()
        (machine / ".venv" / "stamps" / "venv").touch()

    done = subprocess.run(
        ["make", target], cwd=machine, env={"PATH": str(machine / "bin")}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "npm is missing; install it: apt-get install npm" in done.stderr
    assert not (machine / "started").exists()


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A copy of the Makefile where Python only notes that it was started, and npm is missing."""
    (tmp_path / "bin").mkdir()
    for name in PROGRAMS:
        found = shutil.which(name)
        assert found
        Path(tmp_path / "bin" / name).symlink_to(found)
    _add_program(tmp_path / "bin" / "python3", tmp_path)
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("scripts", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("pyproject.toml", "package.json", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def _add_program(path: Path, machine: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\ntouch {machine}/started\nexit 1\n")
    path.chmod(0o755)
