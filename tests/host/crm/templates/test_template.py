from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.crm.templates.catalogue import VARIABLES, Place
from host.crm.templates.quoting import QUOTES
from host.crm.templates.references import Reference, pieces_of
from host.crm.templates.template import check, parse
from host.errors import TemplateError


def values(**known: Any) -> Any:
    return lambda reference: known.get(reference.name)


@pytest.mark.parametrize("text", ["{PHONE_NUMBER}", "{phone_number}", "{Phone_Number}"])
def test_names_are_matched_without_regard_to_case(text: str) -> None:
    assert parse(text).only == Reference("PHONE_NUMBER")


@pytest.mark.parametrize("text", ["", "{}", "{ NAME }", '{"a": 1}', "{a-b}", "}{", "{{", "{7}", "{é!}"])
def test_other_braces_stand_as_they_are(text: str) -> None:
    assert parse(text).fill(values()).value == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{NAME}}", "{NAME}"),
        ("{{{NAME}}}", "{{NAME}}"),
        ("a {{CUSTOM_DATA.key}} b", "a {CUSTOM_DATA.key} b"),
        ('{"x": "{NAME}"}', '{"x": "Bond"}'),
        ("{NAME}{NAME}", "BondBond"),
    ],
)
def test_doubled_braces_are_literal(text: str, expected: str) -> None:
    assert parse(text).fill(values(NAME="Bond")).value == expected


@pytest.mark.parametrize("value", [123, 1.5, True, False, "x", 0])
def test_a_value_that_is_exactly_one_variable_keeps_its_type(value: Any) -> None:
    filled = parse("{ACCOUNT_ID}").fill(values(ACCOUNT_ID=value))
    assert filled.value == value
    assert type(filled.value) is type(value)


def test_everything_else_is_a_text() -> None:
    assert parse("{ACCOUNT_ID}-{RATING}").fill(values(ACCOUNT_ID=12, RATING=True)).value == "12-true"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("{CUSTOM_DATA.key}", "key"),
        ("{CUSTOM_DATA.a.b:c}", "a.b:c"),
        ('{CUSTOM_DATA."Device Type"}', "Device Type"),
        ("{custom_data.'Device Type'}", "Device Type"),
        (r'{CUSTOM_DATA."a \"quoted\" } key"}', 'a "quoted" } key'),
        ("{CUSTOM_DATA.größe}", "größe"),
    ],
)
def test_keys_may_be_any_that_json_allows(text: str, key: str) -> None:
    assert parse(text).only == Reference("CUSTOM_DATA", key)
    assert pieces_of(str(Reference("CUSTOM_DATA", key))) == (Reference("CUSTOM_DATA", key),)


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("none", "O'Brien \"(a, b\\)"),
        ("url", "O%27Brien%20%22%28a%2C%20b%5C%29"),
        ("json", "O'Brien \\\"(a, b\\\\)"),
        ("soql", "O\\'Brien \\\"(a, b\\\\)"),
        ("odata", "O''Brien \"(a, b\\)"),
        ("zoho", "O'Brien \"\\(a\\, b\\\\\\)"),
        ("sql", "O''Brien \"(a, b\\)"),
        ("double", 'O\'Brien ""(a, b\\)'),
        ("backslash", "O\\'Brien \\\"(a, b\\\\)"),
    ],
)
def test_quotes_values_and_leaves_the_text_around_them(quote: str, expected: str) -> None:
    filled = parse("q='{NAME}'").fill(values(NAME="O'Brien \"(a, b\\)"), quote)
    assert filled.value == f"q='{expected}'"


def test_a_single_variable_is_quoted_too() -> None:
    assert parse("{NAME}").fill(values(NAME="O'Brien"), "sql").value == "O''Brien"


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("{PHONE_NUMER}", Place.REQUEST, "nearest: {PHONE_NUMBER}"),
        ("{Contact_ID}", Place.REQUEST, "unknown variable {CONTACT_ID}"),
        ("{FILE_DATA}", Place.REQUEST, "not available here"),
        ("{COMMENT_BODY}", Place.UPLOAD, "not available here"),
        ("{PHONE_NUMBER}", Place.LOOKUP, "not available here"),
        ("{TICKET_SUBJECT}", Place.TEXT, "not available here"),
        ("{CUSTOM_DATA}", Place.REQUEST, "right would be {CUSTOM_DATA.key}"),
        ("{PHONE_LAST_DIGITS}", Place.REQUEST, "right would be {PHONE_LAST_DIGITS:7}"),
        ("{PHONE_LAST_DIGITS:0}", Place.REQUEST, "right would be {PHONE_LAST_DIGITS:7}"),
        ("{EMAIL.x}", Place.REQUEST, "right would be {EMAIL}"),
        ("{CUSTOM_DATA.device-type}", Place.REQUEST, "put the key in quotes"),
    ],
)
def test_unknown_variables_are_refused_with_what_would_be_right(text: str, place: Place, expected: str) -> None:
    with pytest.raises(TemplateError) as caught:
        check(text, place)
    assert expected in str(caught.value)


@pytest.mark.parametrize("text", ["{{id}}", "{CALL_ID} {{x}}", '{CUSTOM_DATA."device-type"}', "{PHONE_LAST_DIGITS:7}"])
def test_known_variables_and_literals_pass(text: str) -> None:
    check(text, Place.REQUEST)


def test_every_variable_has_a_place_and_says_what_it_is() -> None:
    assert all(variable.places and variable.says.endswith(".") for variable in VARIABLES.values())


@given(st.text(max_size=60), st.dictionaries(st.sampled_from(["NAME", "EMAIL", "RATING"]), st.text(max_size=20)))
def test_any_text_can_be_filled(text: str, known: dict[str, str]) -> None:
    parse(text).fill(values(**known))


@given(st.text(max_size=40).filter(bool), st.sampled_from(sorted(QUOTES)))
def test_values_are_never_read_as_templates(value: str, quote: str) -> None:
    filled = parse("<{NAME}>").fill(values(NAME=value, EMAIL="never"), quote)
    assert filled.value == f"<{QUOTES[quote](value)}>"


@given(st.text(max_size=40))
def test_a_soql_literal_cannot_be_left(value: str) -> None:
    quoted = QUOTES["soql"](value)
    inside = quoted.replace("\\\\", "").replace("\\'", "")
    assert "'" not in inside
    assert not inside.endswith("\\")
