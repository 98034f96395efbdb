import json
from pathlib import Path

import pytest
from patchbay import vendors

from crm_shell import listeners
from crm_shell.vendor_files import VendorFile
from host.web.assets import Assets

NAMES = (
    "core/core.js",
    "core/core-abc.js",
    "core/error-abc.js",
    "js/shared/embedder.js",
    "js/shared/leaving.js",
    "js/shared/sign_in_sync.js",
    "js/boot.js",
    "js/shell/main.js",
    "js/shell/log.js",
    "listeners/browser.py",
    "listeners/main.py",
    "listeners/patchbay/__init__.py",
    "listeners/patchbay/testing.py",
    "micropython/micropython.mjs",
    "micropython/micropython.wasm",
    "pyodide/pyodide.mjs",
    "wire/events.py",
)


MICROPYTHON, PYODIDE = listeners.RUNTIMES["micropython"], listeners.RUNTIMES["pyodide"]


@pytest.fixture
def built(tmp_path: Path) -> Assets:
    manifest = {name: {"path": name.replace("/", "-0a1b/", 1)} for name in NAMES}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    return Assets(tmp_path)


def test_each_file_has_its_place_in_the_interpreter(built: Assets) -> None:
    assert listeners.config(built, MICROPYTHON)["files"] == {
        "/static/listeners-0a1b/browser.py": "./browser.py",
        "/static/listeners-0a1b/patchbay/__init__.py": "./patchbay/__init__.py",
        "/static/wire-0a1b/events.py": "./host/wire/events.py",
    }


def test_the_interpreter_is_ours_and_no_packages_are_asked_for(built: Assets) -> None:
    config = listeners.config(built, MICROPYTHON)
    assert config["interpreter"] == "/static/micropython-0a1b/micropython.mjs"
    assert "packages" not in config
    assert "!error" in config["plugins"]
    assert config["plugins"] == listeners.switched_off()["plugins"]


def test_all_that_the_page_loads_is_preloaded_and_no_more(built: Assets) -> None:
    not_in_the_page = {"listeners/patchbay/testing.py", "pyodide/pyodide.mjs"}
    assert set(listeners.preloaded(built, MICROPYTHON)) == set(NAMES) - not_in_the_page


def test_pyodide_runs_the_same_files(built: Assets) -> None:
    config = listeners.config(built, PYODIDE)
    assert config["interpreter"] == "/static/pyodide-0a1b/pyodide.mjs"
    assert config["files"] == listeners.config(built, MICROPYTHON)["files"]
    assert "pyodide/pyodide.mjs" in listeners.preloaded(built, PYODIDE)


def test_the_vendors_files_stand_in_a_folder_of_their_own(built: Assets) -> None:
    mine = VendorFile("mine", b"import patchbay")
    assert listeners.vendor_url(mine) == "/shell/listeners/33aae7ca1b0c/mine.py"
    files = listeners.config(built, MICROPYTHON, [mine])["files"]
    assert files[listeners.vendor_url(mine)] == f"./{vendors.FOLDER}/mine.py"
