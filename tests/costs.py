"""Tells by what a test uses what it costs: a browser, PostgreSQL, processes, or a whole story."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

STORIES = Path(__file__).with_name("stories")

_known: dict[int, tuple[dict[str, Any], bool]] = {}
"""By the identity of a module's names, which are kept so that it stays theirs: whether it starts processes."""


def costs(item: pytest.Item) -> Iterator[str]:
    """Yield the marks of what makes a test slow; `make quick` leaves it out for any of them."""
    fixtures = getattr(item, "fixturenames", ())
    if "playwright" in fixtures:
        yield "browser"
    if "postgresql" in fixtures or "postgresql" in getattr(getattr(item, "callspec", None), "params", {}).values():
        yield "postgresql"
    if any(_starts_processes(names) for names in _namespaces(item)):
        yield "processes"
    if STORIES in item.path.parents:
        yield "story"


def _namespaces(item: pytest.Item) -> Iterator[dict[str, Any]]:
    """Yield the global names of the test's module and of its fixtures' modules."""
    if isinstance(item, pytest.Function):
        yield vars(item.module)
        for definitions in item._fixtureinfo.name2fixturedefs.values():
            yield from (each.func.__globals__ for each in definitions if each.func.__module__ != "pytest_playwright")


def _starts_processes(names: dict[str, Any]) -> bool:
    """Tell whether a module uses `subprocess`, or a helper of the tests that does; asked once for each module."""
    if id(names) not in _known:
        origins = (getattr(each, "__module__", None) or getattr(each, "__name__", None) for each in names.values())
        helpers = {each for each in origins if isinstance(each, str) and each.startswith("tests.")}
        modules = [vars(sys.modules[each]) for each in helpers - {"tests.postgresql"} if each in sys.modules]
        _known[id(names)] = names, any("subprocess" in each for each in (names, *modules))
    return _known[id(names)][1]
