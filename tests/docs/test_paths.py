"""Paths and module names in the documents exist in the repository."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

from docs.tables import ROOT

ARCHITECTURE = ROOT / "docs" / "architecture.md"
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()} - {"dist", "node_modules", "var"}
MADE = ("bench/results/", "dist/")
CODE = re.compile(r"`([^`\n]+)`")
PACKAGES = [
    path for top in ("host", "adapter_pages", "crm_shell") for path in sorted((ROOT / top).rglob("__init__.py"))
]


def named_paths(text: str) -> set[str]:
    """Return what the text names as a file or folder of ours; `<row>` stands for any name."""
    words = [re.sub("<[^>]+>", "*", word) for word in CODE.findall(text)]
    return {
        word
        for word in words
        if " " not in word
        and not word.startswith(("/", *MADE))
        and ((word.partition("/")[0] in FOLDERS and "/" in word) or word.endswith((".py", ".js")))
    }


def named_modules(text: str) -> set[str]:
    return {word for word in CODE.findall(text) if re.fullmatch(r"(host|adapter_pages|crm_shell)(\.[a-z_]+)+", word)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_in_a_document_exists(document: Path) -> None:
    missing = [path for path in named_paths(document.read_text("utf-8")) if not any(ROOT.glob(path))]

    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_module_in_a_document_exists(document: Path) -> None:
    missing = [name for name in named_modules(document.read_text("utf-8")) if importlib.util.find_spec(name) is None]

    assert missing == []


def test_the_paths_of_a_text_are_found() -> None:
    text = "`host/app.py`, `host/web/`, `bench/<row>.py`, `records.js`, `/embed.js`, `dist/a.json`, `listeners/mine`"

    assert named_paths(text) == {"host/app.py", "host/web/", "bench/*.py", "records.js"}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_the_modules_that_a_package_tells_to_read_first_exist(package: Path) -> None:
    text = " ".join(package.read_text("utf-8").split())
    told = " ".join(re.findall(r"Read [^.]*`[^:]*? first|then `[^`]+`", text))

    missing = [path for path in CODE.findall(told) if not ((package.parent / path).exists() or (ROOT / path).exists())]
    assert missing == []


def test_the_table_of_packages_is_whole() -> None:
    table = ARCHITECTURE.read_text("utf-8").partition("## Packages")[2].partition("## ")[0]
    named = set(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE))

    packages = {f"host/{path.parent.name}" for path in (ROOT / "host").glob("*/__init__.py")}
    assert packages <= named


def test_the_layers_are_those_that_import_linter_checks() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    checked = [set(re.findall(r"\w[\w.]*", layer)) for layer in contracts[0]["layers"]]

    text = ARCHITECTURE.read_text("utf-8").partition("## Layers")[2].partition("## ")[0]
    told = [set(CODE.findall(line)) for line in re.findall(r"^\d+\. (.*)$", text, re.MULTILINE)]
    assert len(told) == len(checked)
    for names, layer in zip(told, checked, strict=True):
        assert names == layer or (names < layer and "host.errors" in names)
