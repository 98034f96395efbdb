import json
from pathlib import Path

import pytest

from static.build import CORE, MICROPYTHON, PYODIDE, PYODIDE_FILES, BuildError, build


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, body in (
        ("static/js/bus.js", "const bus = 1;\n" * 50),
        ("static/css/base.css", "body { margin: 0 }\n"),
        ("static/listeners/patchbay/__init__.py", '"""Listeners."""\n'),
        ("static/listeners/patchbay/__pycache__/x.py", ""),
        ("static/licences/micropython.txt", "MIT"),
        ("host/wire/events.py", "EVENTS = {}\n"),
        (f"{CORE}/dist/core.js", 'export * from "./core-abc.js";\n'),
        (f"{CORE}/dist/core-abc.js", "export {};\n"),
        (f"{CORE}/dist/core-abc.js.map", "{}"),
        (f"{CORE}/dist/toml-abc.js", "export {};\n"),
        (f"{CORE}/LICENSE", "Apache"),
        ("node_modules/polyscript/LICENSE", "MIT"),
        (f"{MICROPYTHON}/micropython.mjs", "export {};\n"),
        (f"{MICROPYTHON}/micropython.wasm", "\0asm"),
        *((f"{PYODIDE}/{name}", name) for name in PYODIDE_FILES),
        ("static/licences/pyodide.txt", "MPL"),
        ("static/licences/python.txt", "PSF"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body)
    return tmp_path


def manifest(root: Path) -> dict[str, dict[str, str]]:
    read: dict[str, dict[str, str]] = json.loads((root / "static/vendor/manifest.json").read_text())
    return read


def test_the_manifest_names_what_the_browser_needs_and_nothing_else(root: Path) -> None:
    build(root)
    assert sorted(manifest(root)) == [
        "core/LICENSE.txt",
        "core/core-abc.js",
        "core/core.js",
        "core/licences/polyscript.txt",
        "css/base.css",
        "js/bus.js",
        "listeners/patchbay/__init__.py",
        "micropython/LICENSE.txt",
        "micropython/micropython.mjs",
        "micropython/micropython.wasm",
        "pyodide/LICENSE.txt",
        "pyodide/licences/python.txt",
        "pyodide/pyodide-lock.json",
        "pyodide/pyodide.asm.mjs",
        "pyodide/pyodide.asm.wasm",
        "pyodide/pyodide.mjs",
        "pyodide/python_stdlib.zip",
        "wire/events.py",
    ]


def test_every_file_has_its_compressed_forms_beside_it_when_they_are_smaller(root: Path) -> None:
    build(root)
    path = root / "static/vendor" / manifest(root)["js/bus.js"]["path"]
    assert path.read_text() == "const bus = 1;\n" * 50
    assert path.with_name("bus.js.br").stat().st_size < path.stat().st_size
    assert path.with_name("bus.js.gz").stat().st_size < path.stat().st_size


def test_a_second_build_does_nothing(root: Path) -> None:
    assert build(root) is True
    assert build(root) is False


def test_a_changed_file_moves_its_whole_group_and_leaves_the_others(root: Path) -> None:
    build(root)
    before = manifest(root)
    (root / "static/css/base.css").write_text("body { margin: 1px }\n")
    assert build(root) is True
    after = manifest(root)
    assert after["js/bus.js"]["path"] != before["js/bus.js"]["path"]
    assert after["core/core.js"] == before["core/core.js"]


def test_the_generation_before_stays_and_older_ones_go(root: Path) -> None:
    folders = []
    for number in range(3):
        (root / "static/css/base.css").write_text(f"body {{ margin: {number}px }}\n")
        build(root)
        folders.append(root / "static/vendor" / manifest(root)["js/bus.js"]["path"].split("/")[0])
    assert [folder.is_dir() for folder in folders] == [False, True, True]


def test_a_file_that_somebody_removed_is_built_again(root: Path) -> None:
    build(root)
    path = root / "static/vendor" / manifest(root)["js/bus.js"]["path"]
    path.unlink()
    assert build(root) is True
    assert path.is_file()


def test_a_missing_package_says_how_to_get_it(root: Path) -> None:
    (root / MICROPYTHON / "micropython.wasm").unlink()
    with pytest.raises(BuildError, match="run: npm ci"):
        build(root)


def test_our_modules_import_the_folder_that_was_built(root: Path) -> None:
    (root / "static/js/boot.js").write_text('import { hooks } from "../../core/core.js";\n')
    build(root)
    found = manifest(root)
    boot = (root / "static/vendor" / found["js/boot.js"]["path"]).read_text()
    assert boot == f'import {{ hooks }} from "../../{found["core/core.js"]["path"]}";\n'
