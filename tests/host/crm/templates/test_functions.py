import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.crm.templates.catalogue import Place
from host.crm.templates.function_parser import check, read
from host.crm.templates.functions import FUNCTIONS
from host.crm.templates.references import Reference
from host.errors import FunctionSyntaxError, TemplateError
from tests.host.crm.facts import CALL, HOSTILE_NAME, NOBODY, variables

ZOHO = "=CONCAT_OR((Id:equals:{ACCOUNT_ID}), (Phone:equals:{PHONE_NUMBER}), (Email:equals:{EMAIL}))"


def filled(text: str, **changes: Any) -> Any:
    return read(text).fill(variables(CALL, **changes)).value


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"account_id": 123}, "(Id:equals:123)"),
        ({"account_id": 123, "email": "james.bond@007"}, "(Id:equals:123) or (Email:equals:james.bond@007)"),
        (
            {"phone": "+12223334444", "email": "james.bond@007"},
            "(Phone:equals:+12223334444) or (Email:equals:james.bond@007)",
        ),
        ({}, None),
    ],
)
def test_zohos_criteria_come_out_as_in_the_reference(known: dict[str, Any], expected: str | None) -> None:
    assert read(ZOHO).fill(variables(replace(NOBODY, **known))).value == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=DEFAULT_VALUE({AGENT_EMAIL}, nobody@example.com)", "agent@example.com"),
        ("=DEFAULT_VALUE({FEEDBACK}, none)", "none"),
        ("=DEFAULT_VALUE({FEEDBACK}, {RATING})", None),
        ("=DEFAULT_VALUE({CCAIP_ID}, x)", "4711"),
        ("=CONCAT_AND(a, {FEEDBACK}, b)", "a and b"),
        ("=CONCAT_OR(a, , b)", "a or b"),
        ("=CONCAT_OR({FIRST_NAME} {FEEDBACK}, b)", "b"),
        ("=concat_or(a,b)", "a or b"),
        ("=CONCAT_OR (a, b)", "a or b"),
        ("=CONCAT_OR(Customer's name, 5\" disk)", "Customer's name or 5\" disk"),
        ("=CONCAT_OR('a, b', \"c)\")", "a, b or c)"),
        (r"=CONCAT_OR('it\'s', x)", "it's or x"),
        ("=CONCAT_OR([a, b], {c, d}, (e, f))", "[a, b] or {c, d} or (e, f)"),
        ("=CONCAT_OR(  a  ,\n b )", "a or b"),
        ("=CONCAT_OR({{NAME}}, ==x, =, =5)", "{NAME} or =x or = or =5"),
        ("=CONCAT_OR(DEFAULT_VALUE({FEEDBACK}, a), =CONCAT_AND(b, c))", "a or b and c"),
        ('=CONCAT_OR({CUSTOM_DATA."a, )b"}, x)', "x"),
        ("==CONCAT_OR(a)", "=CONCAT_OR(a)"),
        ("=5", "=5"),
        ("=", "="),
        ("CONCAT_OR(a)", "CONCAT_OR(a)"),
    ],
)
def test_works_functions_out(text: str, expected: str | None) -> None:
    assert filled(text) == expected


def test_json_is_written_with_its_values_inside() -> None:
    text = filled('=JSON({"name": "{NAME}", "id": "{CCAIP_ID}", "deep": [{"x": true}, null, 1.5]})')
    assert json.loads(text) == {"name": "James Bond", "id": 4711, "deep": [{"x": True}, None, 1.5]}


def test_json_arrays_lose_the_objects_that_lack_a_value() -> None:
    text = filled('=JSON_ARRAY({"f": "phone", "v": "{PHONE_NUMBER}"}, {"f": "rating", "v": "{RATING}"})')
    assert json.loads(text) == [{"f": "phone", "v": "+12223334444"}]


def test_json_without_a_value_is_left_out() -> None:
    assert filled('=JSON({"rating": "{RATING}"})') is None
    assert filled('=JSON_ARRAY({"rating": "{RATING}"})') is None


def test_json_strings_may_hold_functions() -> None:
    assert json.loads(filled('=JSON({"rating": "=DEFAULT_VALUE({RATING}, none)"})')) == {"rating": "none"}


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("=CONCAT_OR(a (b)", 10, "the bracket ( is not closed"),
        ("=CONCAT_OR(a [b)", 13, "the bracket [ is not closed"),
        ("=CONCAT_OR(", 10, "the bracket ( is not closed"),
        ("=CONCAT_OR('a)", 11, "the quote ' is not closed"),
        ("=CONCAT_OR('a' b)", 15, "a comma or the closing bracket is expected"),
        ("=CONCAT_OR(a) b", 14, "nothing may follow"),
        ("=CONCAT_OR(a], b)", 12, "] closes a bracket that is not open"),
        ("=CONCT_OR(a)", 0, "unknown function CONCT_OR; nearest: CONCAT_OR"),
        ("=CONCAT_OR(a, =FOO(b))", 14, "unknown function FOO; known: DEFAULT_VALUE"),
        ("=DEFAULT_VALUE(a)", 0, "takes exactly 2 arguments, found 1"),
        ("=DEFAULT_VALUE(a, b, c)", 0, "takes exactly 2 arguments, found 3"),
        ("=CONCAT_OR()", 0, "takes at least 1 argument, found 0"),
        ("=JSON({a: 1})", 7, "this is not JSON"),
        ('=JSON({"a": 1}, {"b": 2})', 14, "a comma or the closing bracket is expected"),
    ],
)
def test_errors_point_at_the_character(text: str, column: int, reason: str) -> None:
    with pytest.raises(FunctionSyntaxError) as caught:
        read(text)
    assert reason in caught.value.reason
    assert caught.value.column == column


def test_brackets_that_do_not_match_are_found() -> None:
    with pytest.raises(FunctionSyntaxError) as caught:
        read("=CONCAT_OR((a])")
    assert caught.value.column in {11, 13}


@pytest.mark.parametrize(
    "text",
    [
        "=CONCAT_OR(" + "(" * 5000,
        "=CONCAT_OR(" * 40 + "a" + ")" * 40,
        "=JSON(" + "[" * 3000 + "]" * 3000 + ")",
        "=CONCAT_OR(" + "a" * 30_000 + ")",
    ],
)
def test_deep_and_long_texts_are_refused(text: str) -> None:
    with pytest.raises(FunctionSyntaxError):
        read(text)


def test_variables_inside_are_checked() -> None:
    with pytest.raises(TemplateError, match=r"nearest: \{EMAIL\}"):
        check("=CONCAT_OR({EMIAL}, b)", Place.REQUEST)
    with pytest.raises(TemplateError, match=r"nearest: \{NAME\}"):
        check('=JSON({"a": "{NAM}"})', Place.REQUEST)
    check(ZOHO, Place.REQUEST)


def test_quotes_are_put_around_nothing_but_values() -> None:
    text = "=CONCAT_OR((Last_Name:equals:{NAME}), (Email:equals:{EMAIL}))"
    quoted = read(text).fill(variables(name="Bond (007), James"), "zoho").value
    assert quoted == "(Last_Name:equals:Bond \\(007\\)\\, James) or (Email:equals:james.bond@007)"


def test_a_hostile_name_stays_a_name() -> None:
    assert filled("=CONCAT_OR((a:{NAME}), b)", name=HOSTILE_NAME) == f"(a:{HOSTILE_NAME}) or b"
    assert json.loads(filled('=JSON({"name": "{NAME}"})', name=HOSTILE_NAME)) == {"name": HOSTILE_NAME}


@given(st.text(max_size=60), st.sampled_from([*FUNCTIONS, "FOO"]))
def test_any_text_is_either_read_or_refused(text: str, name: str) -> None:
    for whole in (text, f"={name}({text}", f"={name}({text})"):
        column = 0
        try:
            read(whole).fill(variables())
        except FunctionSyntaxError as error:
            column = error.column
        except TemplateError:
            pass
        assert 0 <= column <= len(whole)


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=5))
def test_values_change_nothing_but_themselves(values: list[str]) -> None:
    text = "=CONCAT_OR(" + ", ".join(f"{{SAVED.v{index}}}" for index in range(len(values))) + ")"
    saved = {f"v{index}": value for index, value in enumerate(values)}
    assert read(text).fill(variables(saved=saved)).value == " or ".join(values)


@given(st.text(min_size=1, max_size=30))
def test_json_of_any_value_reads_back(value: str) -> None:
    text = read('=JSON({"v": "{SAVED.v}", "t": "<{SAVED.v}>"})').fill(variables(saved={"v": value})).value
    assert json.loads(text) == {"v": value, "t": f"<{value}>"}


def test_says_which_variables_it_used() -> None:
    result = read(ZOHO).fill(variables(replace(NOBODY, email="james.bond@007")))
    assert result.used == {Reference("EMAIL")}
    assert read(ZOHO).fill(variables(NOBODY)).lacks_identity
