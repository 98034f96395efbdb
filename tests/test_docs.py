"""What the documents say, and what the code has."""

import re
from pathlib import Path

import pytest

from docs.flows import FLOWS, mark_of
from docs.tables import REFERENCE, ROOT, TABLES, pages, renewed
from host.commands.cli import commands

README = ROOT / "README.md"


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_the_references_tables_are_the_codes(page: Path) -> None:
    text = page.read_text("utf-8")

    assert text == renewed(page.name, text), "run: python -m docs.tables"


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_its_place(name: str) -> None:
    assert (REFERENCE / TABLES[name][0]).read_text("utf-8").count(f"<!-- {name} -->") == 1


@pytest.mark.parametrize("chart", sorted(FLOWS.glob("*.dot")), ids=lambda chart: chart.name)
def test_every_flow_chart_is_drawn_from_its_text(chart: Path) -> None:
    svg = chart.with_suffix(".svg").read_text("utf-8")

    assert svg.startswith(mark_of(chart)), "run: make flows"
    assert "<script" not in svg


def test_every_library_is_explained() -> None:
    explained = (ROOT / "docs" / "dependencies.md").read_text("utf-8").lower()
    declared = re.findall(r'^  "([A-Za-z0-9_-]+)[>=]', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)

    missing = [name for name in declared if name.lower() not in explained and not name.startswith("types-")]
    assert missing == []


def test_the_readme_names_only_commands_that_exist() -> None:
    named = set(re.findall(r"`(?:\.venv/bin/)?patchbay ([a-z]+)", README.read_text("utf-8")))

    assert named <= set(commands.commands)


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{path.name}: {target}"
        for path in [README, *sorted((ROOT / "docs").rglob("*.md"))]
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
        if not (path.parent / Path(target)).exists()
    ]
    assert broken == []
