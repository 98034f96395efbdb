"""The error tree: its drawing is complete, codes are unique, and each error has words for people."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from host import errors
from host.crm.agent_view import status_words
from host.errors import CrmError, HostError
from host.web.errors.advice import BY_STATUS, OUR_SIDE, advice

TREE_FOLDER = Path(errors.__file__).parent
HOST = TREE_FOLDER.parent
CLASSES = [each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, HostError)]
TREE, OUTSIDE = (errors.__doc__ or "").split("These stay in the modules")
LINE = re.compile(r"^(?P<indent> *)(?P<name>\w+Error)(?: +(?P<status>\d{3})(?=  |$))?", re.MULTILINE)


def name_of(error: type[HostError]) -> str:
    return error.__name__


def drawn() -> dict[str, tuple[str | None, int]]:
    """Return for each class in the drawing its parent and its status, inherited where none is written."""
    above: list[tuple[int, str, int]] = []
    found: dict[str, tuple[str | None, int]] = {}
    for line in LINE.finditer(TREE):
        depth = len(line["indent"])
        above = [each for each in above if each[0] < depth]
        status = int(line["status"] or above[-1][2])
        found[line["name"]] = (above[-1][1] if above else None, status)
        above.append((depth, line["name"], status))
    return found


def test_the_drawing_shows_each_class_with_its_parent_and_status() -> None:
    real = {
        each.__name__: (None if each is HostError else each.__bases__[0].__name__, each.http_status) for each in CLASSES
    }

    assert drawn() == real


def test_errors_elsewhere_are_listed_with_the_reason() -> None:
    defined = {
        node.name
        for path in HOST.rglob("*.py")
        if path.parent != TREE_FOLDER
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error") and not node.name.startswith("_")
    }

    assert set(re.findall(r"\b\w+Error\b", OUTSIDE)) >= defined
    assert set(re.findall(r"^(\w+Error)", OUTSIDE, re.MULTILINE)) <= defined


def test_codes_are_unique() -> None:
    codes = [each.code for each in CLASSES]

    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize("error", [each for each in CLASSES if issubclass(each, CrmError)], ids=name_of)
def test_each_crm_error_has_words_for_agents(error: type[CrmError]) -> None:
    assert error.code in status_words._REASONS


def test_words_for_agents_belong_to_errors_that_exist() -> None:
    assert status_words._REASONS.keys() <= {each.code for each in CLASSES}


@pytest.mark.parametrize("error", CLASSES, ids=name_of)
def test_each_error_has_words_on_a_page(error: type[HostError]) -> None:
    words = advice(error.http_status)

    assert words is OUR_SIDE if error is HostError else error.http_status in BY_STATUS
    assert words.title
    assert words.means
    assert words.do
