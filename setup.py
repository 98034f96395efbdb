"""Puts what browsers get into a wheel: `make wheel` builds it first. Everything else stands in pyproject.toml."""

import json
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
VENDOR = ROOT / "static" / "vendor"


class BuildWithAssets(build_py):
    """Copies the newest build of the browser assets beside `host/web/assets.py`; a checkout reads them in place."""

    def run(self) -> None:
        """Build."""
        super().run()
        if not self.editable_mode:
            copy_assets(Path(self.build_lib) / "host" / "web" / "vendor")


def copy_assets(target: Path) -> None:
    """Copy the folders that the manifest names, their compressed files included."""
    try:
        manifest = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise SystemExit("the browser assets aren't built; run: make wheel") from error
    shutil.rmtree(target, ignore_errors=True)
    for folder in sorted({entry["path"].split("/", 1)[0] for entry in manifest.values()}):
        shutil.copytree(VENDOR / folder, target / folder)
    shutil.copy(VENDOR / "manifest.json", target)


setup(cmdclass={"build_py": BuildWithAssets})
