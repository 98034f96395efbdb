"""The listeners' tests once more, on the interpreter that runs them in the page."""

import ast
import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = sorted((ROOT / "tests/static/listeners").glob("test_*.py"))
NAMES = [
    f"{path.stem}::{node.name}"
    for path in TESTS
    for node in ast.parse(path.read_text()).body
    if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
]


@pytest.fixture(scope="module")
def results() -> dict[str, str]:
    node = shutil.which("node")
    assert node, "node is missing; it came with npm"
    files = {"host/__init__.py": (ROOT / "host/__init__.py").read_text()}
    files |= {f"host/wire/{path.name}": path.read_text() for path in (ROOT / "host/wire").glob("*.py")}
    listeners = ROOT / "static/listeners"
    files |= {path.relative_to(listeners).as_posix(): path.read_text() for path in listeners.rglob("patchbay/**/*.py")}
    files |= {path.name: path.read_text() for path in TESTS}
    run = subprocess.run(
        [node, "tests/static/run_on_micropython.mjs"],
        input=json.dumps({"files": files, "modules": [path.stem for path in TESTS]}),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, str] = json.loads(run.stdout)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_passes_on_micropython(name: str, results: dict[str, str]) -> None:
    assert results[name] == ""
