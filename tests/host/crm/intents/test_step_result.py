from typing import Any

import pytest

from host.crm.intents import step_result
from host.crm.intents.step_result import StepResult
from host.crm.response.hit_label import Choice
from host.gate.lenient import WideNumber

TWO = [{"id": 12, "label": "James Bond", "saved": {"version": 3}}, {"id": "A-13", "label": ""}]

ROWS: list[dict[str, Any]] = [
    {},
    {"id": None},
    {"id": 12, "created": True},
    {"id": "T-12", "created": False, "given": True},
    {"id": 12, "created": False, "saved": {}, "account_id": None},
    {"id": 12, "created": False, "shared": True, "saved": {}},
    {"id": None, "open_custom_url": True},
    {"id": 14, "created": True, "made": 14, "choices": [{"id": 14, "label": ""}, *TWO], "saved": {"etag": "x"}},
    {"id": 12, "created": False, "chosen": True, "choices": TWO, "saved": {"version": 3}},
    {"choices": TWO},
    {"main": {"id": 12}, "saved": {}, "next": 0},
    {"main": {"attachment": "https://crm.example/files/1"}, "saved": {"url": "https://crm.example/1"}, "next": 2},
    {"main": {}, "saved": {"rows": [1, {"a": None}]}, "next": 1},
    {"attachment": None},
    {"attachment": 7, "saved": {"url": "u"}},
    {"skipped": "the session has no record"},
    {"id": None, "discarded": True},
    {"id": None, "by": "a person"},
    {"id": 12, "created": True, "of_a_later_version": {"a": [1]}},
    {"choices": [{"id": 12, "label": "", "of_a_later_version": 1}]},
]
"""What rows hold."""


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_that_is_read_and_written_back_keeps_its_keys(row: dict[str, Any]) -> None:
    assert step_result.read(row).as_json() == row


def test_a_row_says_what_it_said_before_there_was_a_type() -> None:
    read = step_result.read({"id": 12, "created": True, "choices": TWO, "saved": {"etag": "x"}, "account_id": 7})
    assert (read.id, read.created, read.chosen, read.made, read.account_id) == (12, True, False, None, 7)
    assert read.choices == (Choice(id=12, label="James Bond", saved={"version": 3}), Choice(id="A-13", label=""))
    assert (read.saved, read.is_under_way, read.has_account) == ({"etag": "x"}, False, True)


@pytest.mark.parametrize("stored", [None, [], 12, "text", {}])
def test_what_says_nothing_is_an_empty_result(stored: object) -> None:
    read = step_result.read(stored)
    assert read == StepResult()
    assert (read.id, read.is_under_way, read.has_account, read.as_json()) == (None, False, False, {})


def test_a_value_of_another_shape_counts_as_absent(caplog: pytest.LogCaptureFixture) -> None:
    read = step_result.read({"id": 12, "created": "perhaps", "choices": [{"label": "James Bond"}], "saved": []})
    assert (read.id, read.created, read.choices, read.saved) == (12, False, (), {})
    assert "choices, created, saved" in caplog.text
    assert "James" not in caplog.text


@pytest.mark.parametrize("crm_id", [12, 1.5, "12", WideNumber("9007199254740993")], ids=repr)
def test_an_id_stays_as_the_crm_wrote_it(crm_id: Any) -> None:
    kept = step_result.read({"id": crm_id, "choices": [{"id": crm_id, "label": ""}]}).with_made(crm_id).as_json()
    assert [type(kept["id"]), type(kept["made"]), type(kept["choices"][0]["id"])] == [type(crm_id)] * 3


def test_a_choice_keeps_what_that_hit_has_told() -> None:
    before = step_result.read({"id": "A-13", "created": False, "choices": TWO, "saved": {}, "new_key": 1})
    after = {"id": "12", "created": False, "chosen": True, "choices": TWO, "saved": {"version": 3}, "new_key": 1}
    assert before.with_choice("12").as_json() == after
    assert before.with_choice("A-13").saved == {}


def test_a_choice_of_what_the_session_has_made_is_created() -> None:
    assert StepResult(id=12, made=14).with_choice(14).created
    assert not StepResult(id=14, made=14).with_choice(12).created


def test_labels_go_and_ids_stay() -> None:
    kept = StepResult(id=12, choices=(Choice(id=12, label="James Bond", saved={"email": "j@b"}),)).without_labels()
    assert kept.as_json() == {"id": 12, "choices": [{"id": 12, "label": ""}]}


def test_the_step_after_the_one_that_is_known_is_next() -> None:
    under_way = step_result.read({"main": {"id": 12}, "saved": {}, "next": 1})
    assert under_way.is_under_way
    assert under_way.with_next_step_done().as_json() == {"main": {"id": 12}, "saved": {}, "next": 2}
