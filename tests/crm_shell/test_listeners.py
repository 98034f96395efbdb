import json
from pathlib import Path

import pytest

from crm_shell import listeners
from host.web.assets import Assets

NAMES = (
    "core/core.js",
    "core/core-abc.js",
    "core/error-abc.js",
    "js/adapter/embedder.js",
    "js/adapter/follow.js",
    "js/boot.js",
    "js/shell.js",
    "js/shell/log.js",
    "listeners/browser.py",
    "listeners/main.py",
    "listeners/patchbay/__init__.py",
    "listeners/patchbay/testing.py",
    "micropython/micropython.mjs",
    "micropython/micropython.wasm",
    "wire/events.py",
)


@pytest.fixture
def built(tmp_path: Path) -> Assets:
    manifest = {name: {"path": name.replace("/", "-0a1b/", 1)} for name in NAMES}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    return Assets(tmp_path)


def test_each_file_has_its_place_in_the_interpreter(built: Assets) -> None:
    assert listeners.config(built)["files"] == {
        "/static/listeners-0a1b/browser.py": "./browser.py",
        "/static/listeners-0a1b/patchbay/__init__.py": "./patchbay/__init__.py",
        "/static/wire-0a1b/events.py": "./host/wire/events.py",
    }


def test_the_interpreter_is_ours_and_no_packages_are_asked_for(built: Assets) -> None:
    config = listeners.config(built)
    assert config["interpreter"] == "/static/micropython-0a1b/micropython.mjs"
    assert "packages" not in config
    assert "!error" in config["plugins"]
    assert config["plugins"] == listeners.switched_off()["plugins"]


def test_all_that_the_page_loads_is_preloaded_and_no_more(built: Assets) -> None:
    assert set(listeners.preloaded(built)) == set(NAMES) - {"listeners/patchbay/testing.py"}
