"""Admins' regular expressions: which are valid, what they match, and that no text makes them slow."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.commands.settings import lint
from host.crm.response.hits import read, saved
from host.crm.settings.crm import CrmSettings
from host.crm.templates import patterns
from tests.host.crm.crm_settings import crm_settings
from tests.host.crm.facts import answer, endpoint
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.crm.story import Tell

LONG = "a" * 100_000 + "!"
"""A backtracking engine would not finish on it with the patterns below."""


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"\(([^)]+)\)", "https://org.example/api/contacts(4a-5b)", "4a-5b"),
        (r"/transaction/(\d+)", "/transaction/12/edit", "12"),
        (r"(?P<id>[0-9a-f-]{36})", "id: 123e4567-e89b-12d3-a456-426614174000.", "123e4567-e89b-12d3-a456-426614174000"),
        (r"(?i)existing id: (\w+)", "Existing ID: 901", "901"),
        (r"Kunde (\pL+)", "Kunde Müller", "Müller"),
        (r"^(\d+)$", "12x", None),
        (r"x(\d*)", "x", None),
        (r"(\d+)", "half a character \ud83d 7", "7"),
    ],
)
def test_cuts_out_what_its_group_holds(pattern: str, text: str, expected: str | None) -> None:
    assert patterns.cut(patterns.checked(pattern), text) == expected


@pytest.mark.parametrize(
    "pattern", [r"^((?:a+)+)$", r"^((?:a|a)*)$", r"^((?:a*)*b)$", r"^(\w+\w+\w+\w+\w+)-$", r"((?:.*,){11}P)"]
)
def test_no_text_makes_a_pattern_slow(pattern: str) -> None:
    assert patterns.cut(patterns.checked(pattern), LONG) is None


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"(?=a)(b)", "look-ahead, look-behind and back-references are not known"),
        (r"(?<=id=)(\d+)", "look-ahead, look-behind and back-references are not known"),
        (r"(a)\1", r"invalid escape sequence: \1"),
        ("(", "missing )"),
        ("[a", "missing ]"),
        ("a", "with 0 groups; allowed: exactly one"),
        ("(a)(b)", "with 2 groups; allowed: exactly one"),
        ("(a{1001})", "invalid repetition size"),
        ("(" + "a" * 1000 + ")", "1002 characters; allowed: 1000"),
        ("(\ud83d)", "half a character"),
    ],
)
@pytest.mark.parametrize("key", ["id_pattern", "save"])
def test_other_patterns_are_refused_on_import(key: str, pattern: str, reason: str) -> None:
    value: Any = pattern if key == "id_pattern" else {"where": {"location": "header:Location", "pattern": pattern}}
    find = {"url": "https://crm.example/x", key: value}
    problems, _ = lint({"crm": {"type": "custom", "endpoints": {"find_account_by_query": find}}})
    assert [each for each in problems if f"find_account_by_query.{key}" in each and reason in each] == problems
    assert problems


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_pattern_is_refused_or_run(pattern: str, text: str) -> None:
    try:
        patterns.checked(f"({pattern})")
    except ValueError:
        return
    assert isinstance(patterns.cut(f"({pattern})", text), str | None)


def test_ids_are_cut_out_of_any_answer() -> None:
    find = endpoint(id_location="href", id_pattern=r"^(?:a|a)*/(\d+)$")
    hits = read(find, answer([{"href": LONG}, {"href": "aa/12"}]))
    assert [hit.id for hit in hits] == ["12"]


def test_what_is_kept_may_be_cut_out() -> None:
    keep = endpoint(
        save={
            "where": {"location": "header:Location", "pattern": r"/transaction/(\d+)"},
            "number": {"location": "id", "pattern": r"(\d{3})$"},
            "whole": {"location": "id"},
            "short": "id",
            "none": {"location": "gone", "pattern": "(x)"},
        }
    )
    got = saved(keep, answer({"id": 4711}, headers={"Location": "https://crm.example/transaction/12"}))
    assert got == {"where": "12", "number": "711", "whole": 4711, "short": 4711, "none": None}


def test_what_is_kept_is_exported_as_it_was_given() -> None:
    save = {"token": "upload.token", "where": {"location": "header:Location", "pattern": r"/(\d+)"}}
    find = {"url": "https://crm.example/x", "save": save}
    settings = CrmSettings.model_validate({"endpoints": {"create_account": find}})
    exported = settings.model_dump(mode="json", by_alias=True)["endpoints"]["create_account"]["save"]
    assert exported == save
    assert CrmSettings.model_validate(settings.model_dump(mode="json", by_alias=True)) == settings


def test_a_find_keeps_a_part_of_the_hit_that_counts(crm: FaultyCrm, tell: Tell) -> None:
    crm.answers["/people"] = {
        "items": [
            {"id": 1, "phone": "+19998887777", "url": "/owners/1/people/1"},
            {"id": 2, "phone": "+12223334444", "url": "/owners/7/people/2"},
        ]
    }
    find = {
        "url": f"{crm.url}/people",
        "parameters": [{"name": "phone", "value": "{PHONE_NUMBER}"}],
        "response_location": "items",
        "save": {"owner": {"location": "url", "pattern": r"/owners/(\d+)"}},
    }
    record = {"url": f"{crm.url}/records", "parameters": [{"name": "owner", "value": "{SAVED.owner}"}]}
    endpoints = {"find_account_by_query": find, "create_record": record}
    story = tell(crm_settings(crm, marker=False, endpoints=endpoints))
    story.run(story.start())
    assert crm.rows["records"] == [{"id": 1, "owner": "7"}]
