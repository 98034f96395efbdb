"""Nothing but the gate reads JSON or asks Flask for what a request brings."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PRODUCT = ("host", "adapter_pages", "crm_shell")
ELSEWHERE = (
    "host/gate/",
    "host/wire/",  # MicroPython loads it, which has no packages but the listeners' own
    "host/db/migrations/versions/",  # scripts that stay as they were when their release came
    "crm_shell/starter_crm/",  # a product of its own, which may import nothing of ours
)
READS = {("json", "loads"), ("json", "load"), ("request", "json"), ("request", "get_json"), ("response", "json")}
WRITES = {("json", "dumps"), ("json", "dump")}
ASKS = {("request", name) for name in ("args", "form", "values", "data", "get_data", "json", "get_json")}
MAY_ASK = (
    "host/web/inputs.py",
    "host/web/api/lists.py",  # writes the address of another page of the same list
    "adapter_pages/consumer/views.py",  # its form is checked field by field, to be shown again
)


def sources() -> Iterator[Path]:
    for folder in PRODUCT:
        yield from sorted((ROOT / folder).rglob("*.py"))


def names_in(path: Path) -> set[tuple[str, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.add((node.value.id, node.attr))
        if isinstance(node, ast.ImportFrom) and node.module == "json":
            found |= {("json", alias.name) for alias in node.names}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "json":
            found.add(("response", "json"))
    return found


def offenders(wrong: set[tuple[str, str]], but: tuple[str, ...]) -> dict[str, list[str]]:
    """Return file to what it uses."""
    named = ((path.relative_to(ROOT).as_posix(), path) for path in sources())
    found = {name: names_in(path) & wrong for name, path in named if not name.startswith(but)}
    return {name: sorted(map(".".join, used)) for name, used in found.items() if used}


@pytest.mark.slow
def test_all_json_goes_through_the_gate() -> None:
    assert offenders(READS | WRITES, ELSEWHERE) == {}, "read with host.gate.strict or lenient, write with writing"


@pytest.mark.slow
def test_only_the_inputs_ask_flask() -> None:
    assert offenders(ASKS, (*ELSEWHERE, *MAY_ASK)) == {}, "ask host.web.inputs"
