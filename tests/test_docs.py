"""What the documents say, and what the code has."""

import re
from pathlib import Path

import pytest

from docs.tables import README, TABLES, renewed
from host.cli import commands

ROOT = README.parent


def test_the_readmes_tables_are_the_codes() -> None:
    text = README.read_text("utf-8")

    assert text == renewed(text), "run: python docs/tables.py"


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_its_place_in_the_readme(name: str) -> None:
    assert README.read_text("utf-8").count(f"<!-- {name} -->") == 1


def test_every_library_is_explained() -> None:
    explained = (ROOT / "docs" / "dependencies.md").read_text("utf-8").lower()
    declared = re.findall(r'^  "([A-Za-z0-9_-]+)[>=]', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)

    missing = [name for name in declared if name.lower() not in explained and not name.startswith("types-")]
    assert missing == []


def test_the_readme_names_only_commands_that_exist() -> None:
    named = set(re.findall(r"`patchbay ([a-z]+)", README.read_text("utf-8")))

    assert named <= set(commands.commands)


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{path.name}: {target}"
        for path in [README, *sorted((ROOT / "docs").glob("*.md"))]
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8"))
        if not (path.parent / Path(target)).exists()
    ]
    assert broken == []
