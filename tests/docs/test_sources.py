"""What `Source:` lines in the code name, and whether it is there.

A source is `docs/reference/sessions.md, Status` or a public document: `RFC 6749, 4.1`. Several stand with semicolons
between; the lines may wrap.
"""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOTS = ("host", "adapter_pages", "crm_shell", "static")

SOURCE = re.compile(r"^[\s*/#]*Source: (?P<text>.+(?:\n[ \t*/#]*[^\s\"*/#].*)*)", re.MULTILINE)
OURS = re.compile(r"(?P<page>[\w/.-]+\.md)(?:, (?P<heading>.+))?", re.DOTALL)
PUBLIC = re.compile(r"RFC \d+|https://|OWASP ")
UNPUBLISHED = re.compile(r"(?<![\w.-])\d\d-[a-z][a-z-]+(?:\.md)?\b|(?<!docs/)(?<!\()\breference, (?=[A-Z])")


def tracked() -> list[str]:
    """Return the Python and JavaScript files that belong to the product."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *ROOTS],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [name for name in listed.split("\0") if name.endswith((".py", ".js")) and (ROOT / name).exists()]


def sources(text: str) -> list[str]:
    """Return the single sources that a module names."""
    return [
        source.strip().removesuffix(".")
        for found in SOURCE.finditer(text)
        for source in " ".join(re.split(r"\s*\n[\s*/#]*", found["text"])).split(";")
    ]


def plain(heading: str) -> str:
    """Return a heading as it is compared: without `#`, backticks and punctuation at its end."""
    return heading.strip("# ").replace("`", "").rstrip(" .:;")


@cache
def headings(page: str) -> frozenset[str]:
    """Return the headings of a page; none when there is no such page."""
    path = ROOT / page
    if not path.is_file():
        return frozenset()
    return frozenset(plain(line) for line in path.read_text("utf-8").splitlines() if line.startswith("#"))


def is_there(source: str) -> bool:
    """Tell whether a source is a public document, or a page of ours that has the heading."""
    if PUBLIC.match(source):
        return True
    found = OURS.fullmatch(source)
    return found is not None and found["heading"] is not None and plain(found["heading"]) in headings(found["page"])


@pytest.mark.parametrize("name", tracked())
def test_what_the_code_refers_to_is_in_the_repository(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")

    assert [source for source in sources(text) if not is_there(source)] == []
    assert UNPUBLISHED.findall(text) == []


@pytest.mark.parametrize(
    "source",
    [
        "docs/reference/sessions.md, Nothing of the kind",
        "docs/reference/nothing.md, Status",
        "docs/reference/sessions.md",
        "10-sessions, Status",
        "Status",
    ],
)
def test_a_wrong_source_is_found(source: str) -> None:
    assert sources(f'"""What it is for.\n\nSource: {source}.\n"""') == [source]
    assert not is_there(source)


def test_wrapped_sources_are_read() -> None:
    text = '"""For.\n\nSource: docs/reference/sessions.md, Status;\ndocs/reference/settings.md, `crm`.\n"""\n'

    assert sources(text) == ["docs/reference/sessions.md, Status", "docs/reference/settings.md, `crm`"]
    assert all(map(is_there, sources(text)))


def test_sources_in_scripts_are_read() -> None:
    text = (
        "/* For.\n *\n * Source: docs/reference/sessions.md, Status;\n * docs/reference/events.md, Types.\n */\nlet a;"
    )

    assert sources(text) == ["docs/reference/sessions.md, Status", "docs/reference/events.md, Types"]
