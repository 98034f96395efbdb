"""Decisions that an agent makes in the card, and their effects."""

from typing import Any, cast

import pytest

from adapter_pages.agent import commands
from adapter_pages.agent.about import About
from adapter_pages.agent.card import Card, Choice, Linked, Trouble
from adapter_pages.shared import fragments
from host.services import Services
from tests.adapter_pages.shared.test_fragments import NASTY, Elements

NOTHING = Linked("record", "Record", None, None, "No record.", None, (), can_create=False)
TWINS = Linked(
    "account",
    "Account",
    "2",
    None,
    "Account found.",
    Trouble("account", "", "", can_look_up=True, can_decide=True),
    (Choice("3", NASTY, "https://crm.example/3"), Choice(NASTY, "", None)),
    can_create=True,
)


def shown(account: Linked = NOTHING, *events: Trouble) -> str:
    about = About(12, "Felix Leiter", (), False, None, (), (), Card(account, NOTHING, events))
    return fragments.render("agent/_card.html", about=about)


def test_choices_and_decisions_have_their_buttons() -> None:
    html = shown(TWINS, Trouble("comment", "end", "Comment (end): no.", can_look_up=False, can_decide=True))
    assert 'aria-label="Use account 3"' in html
    assert 'aria-label="Open account 3"' in html
    assert 'aria-label="Create new account"' in html
    assert html.count("It exists") == html.count("Send again") == 2
    assert html.count("data-needs-id") == 1
    assert 'aria-label="Comments, updates and files"' in html


def test_without_anything_to_decide_there_are_none() -> None:
    assert "button" not in Elements(shown()).tags


def test_nasty_names_and_ids_inject_nothing() -> None:
    parsed = Elements(shown(TWINS))
    assert "img" not in parsed.tags
    assert parsed.open == 0
    assert not {name for name in parsed.attributes if name.startswith("on") or name == "style"}


class Noted:
    """Notes what is decided."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    @property
    def decisions(self) -> "Noted":
        return self

    def __getattr__(self, name: str) -> Any:
        return lambda *given: self.told.append((name, *given))


def act(name: str, **args: Any) -> tuple[list[tuple[Any, ...]], dict[str, Any]]:
    noted = Noted()
    message = {"op": "act", "id": "a1", "name": name, "args": {"session_id": 12, **args}}
    answer = commands.perform(cast(Services, noted), 7, message)
    return noted.told, answer


@pytest.mark.parametrize(
    ("name", "args", "told"),
    [
        ("look_up_again", {"step": "account"}, (12, 7, "account", "")),
        ("look_up_again", {"step": "comment", "occurrence": "end"}, (12, 7, "comment", "end")),
        ("choose", {"step": "account", "id": 3}, (12, 7, "account", 3)),
        ("choose", {"step": "record", "id": None}, (12, 7, "record", None)),
        ("it_exists", {"step": "account", "id": "A-1"}, (12, 7, "account", "", "A-1")),
        ("it_exists", {"step": "upload", "occurrence": "photos:a.png"}, (12, 7, "upload", "photos:a.png", None)),
        ("send_again", {"step": "update", "occurrence": "end"}, (12, 7, "update", "end")),
    ],
)
def test_acts_are_handed_on(name: str, args: dict[str, Any], told: tuple[Any, ...]) -> None:
    assert act(name, **args) == ([(name, *told)], {"op": "done", "id": "a1"})


@pytest.mark.parametrize(
    ("name", "args", "field"),
    [
        ("choose", {"step": "comment", "id": 1}, "step"),
        ("choose", {"step": "account", "id": True}, "id"),
        ("choose", {"step": "account", "id": ["1"]}, "id"),
        ("it_exists", {"step": "account", "id": "x" * 201}, "id"),
        ("send_again", {"step": "nonsense"}, "step"),
        ("look_up_again", {}, "step"),
        ("send_again", {"step": "comment", "occurrence": 3}, "occurrence"),
    ],
)
def test_acts_that_make_no_sense_are_refused(name: str, args: dict[str, Any], field: str) -> None:
    told, answer = act(name, **args)
    assert told == []
    assert answer["error"]["error"] == "fields"
    assert answer["error"]["message"].startswith(f"{field}: ")
