import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.gate import lenient, strict, writing
from host.gate.lenient import WideNumber
from host.gate.limits import DEEPEST, LARGEST

WIDE = 9007199254740993


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'{"name": "Anna \ud83d"}', {"name": "Anna \ufffd"}),
        (r'{"\u0000": "\ude00"}', {"\ufffd": "\ufffd"}),
        (r'["\u0007", "\u009f", "a\nb\tc"]', ["\ufffd", "\ufffd", "a\nb\tc"]),
        ('"a\nb"', "a\nb"),
        ('"a\x00b"', "a\ufffdb"),
        (r'"\ud83d\ude00"', "😀"),
        (f"[{WIDE}, -{WIDE}, {LARGEST}]", [str(WIDE), f"-{WIDE}", LARGEST]),
        ("[1e999, -1e999, 1e300, 1.5]", ["1e999", "-1e999", "1e300", 1.5]),
        ("[NaN, Infinity, -Infinity]", ["NaN", "Infinity", "-Infinity"]),
        ("9" * 30, "9" * 30),
        ("9" * 10_000, "9" * 10_000),
        ('{"a": 1, "a": 2}', {"a": 2}),
        (b'\xef\xbb\xbf"\xff"', "\ufffd"),
        ("[" * DEEPEST + "1" + "]" * DEEPEST, None),
    ],
)
def test_repairs_what_cannot_be_kept(text: str | bytes, value: object) -> None:
    found = lenient.read(text)
    assert found == value or value is None
    strict.check(found)


def test_what_lies_too_deep_goes() -> None:
    found = lenient.read("[" * 40 + "1" + "]" * 40)
    strict.check(found)
    assert json.dumps(found) == "[" * DEEPEST + "null" + "]" * DEEPEST
    beside = lenient.read('{"id": 7, "deep": ' + '{"a": ' * 40 + "1" + "}" * 41)
    assert beside["id"] == 7
    strict.check(beside)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "", "<html>", "[1", b"\x00", b"\xff"])
def test_what_is_no_json_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        lenient.read(text)


def test_a_wide_number_is_a_text_for_browsers_and_a_number_for_who_gave_it() -> None:
    found = lenient.read(f'{{"id": {WIDE}, "text": "{WIDE}"}}')
    assert isinstance(found["id"], WideNumber)
    assert json.loads(writing.text(found)) == {"id": str(WIDE), "text": str(WIDE)}
    assert json.loads(writing.typed(found)) == {"id": WIDE, "text": str(WIDE)}
    assert lenient.read(writing.typed(found)) == found


@pytest.mark.parametrize("value", [float("inf"), float("nan"), [float("-inf")]])
def test_what_is_no_number_is_never_written_as_one(value: object) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        writing.text(value)
    lenient.read(writing.typed(value))
    assert "Infinity" not in writing.typed(value)


def test_what_is_written_is_utf_8_whatever_stands_in_it() -> None:
    assert writing.text({"a": "\ud800", "\udfff": 1}).encode()
    assert json.loads(writing.typed({"a": "\ud800"})) == {"a": "\ud800"}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=())), inner),
)


@pytest.mark.slow
@given(ANYTHING)
def test_whatever_was_written_is_read_as_something_that_can_be_kept(tree: object) -> None:
    found = lenient.read(json.dumps(tree))
    strict.check(found)
    assert lenient.read(writing.typed(found)) == found
    writing.text(found).encode()


@given(st.text(st.characters(exclude_categories=())) | st.binary())
def test_whatever_comes_is_read_or_called_no_json(text: str | bytes) -> None:
    try:
        strict.check(lenient.read(text))
    except strict.UnfitError:
        raise
    except ValueError:
        return


@pytest.mark.parametrize(
    ("found", "kept"),
    [("", None), ("  ", None), ("\u00a0\n", None), (True, None), ({}, None), ("x" * 501, None), (" a ", " a "), (0, 0)],
)
def test_an_id_says_something(found: object, kept: str | int | None) -> None:
    assert lenient.identity(found) == kept
