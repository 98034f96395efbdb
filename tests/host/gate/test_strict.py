import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.gate import characters, strict, writing
from host.gate.limits import DEEPEST, LARGEST, LONGEST_NAME, LONGEST_TEXT, MOST_VALUES
from host.gate.strict import NotJsonError, UnfitError


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        (r'{"a": "\ud800"}', "a", "U+D800, half of a surrogate pair, at character 1"),
        (r'{"a": "\ude00\ud83d"}', "a", "U+DE00"),
        (r'{"a": "Anna \ud83d"}', "a", "at character 6"),
        (r'{"a": ["x", "\u0000"]}', "a[1]", "U+0000, a control character"),
        (r'{"a": {"b": "\u001b[1m"}}', "a.b", "U+001B"),
        (r'{"a": "\u0085"}', "a", "U+0085"),
        (r'{"a": "\u007f"}', "a", "U+007F"),
        (r'{"a": {"\ud800": 1}}', "a", "has a name that holds U+D800"),
        (r'{"\u0000": {"b": "\ud800"}}', "", "has a name that holds U+0000"),
        ('{"a": NaN}', "a", "NaN"),
        ('{"a": [-Infinity]}', "a[0]", "-Infinity"),
        ('{"a": 1e999}', "a", "finite"),
        ('{"a": -1e999}', "a", "finite"),
        (f'{{"a": {LARGEST + 1}}}', "a", "beyond 2^53"),
        (f'{{"a": -{LARGEST + 1}}}', "a", "beyond 2^53"),
        (f'{{"a": {"9" * 30}}}', "a", "send it as a text"),
        (f'{{"a": {"9" * 10_000}}}', "a", "beyond 2^53"),
        ('{"a": 1e300}', "a", "beyond 2^53"),
        ('{"a": 1, "b": 2, "a": 3}', "", "found a twice"),
        ('{"a": [{"b": 1, "b": 1}]}', "a[0]", "found b twice"),
        ('{"a": ' + "[" * DEEPEST + "]" * DEEPEST + "}", "a", f"at most {DEEPEST} levels"),
        ("[" + "0," * MOST_VALUES + "0]", "", f"more than {MOST_VALUES} values"),
        (f'{{"a": "{"x" * (LONGEST_TEXT + 1)}"}}', "a", f"at most {LONGEST_TEXT}"),
        (f'{{"{"x" * (LONGEST_NAME + 1)}": 1}}', "", f"at most {LONGEST_NAME}"),
    ],
)
def test_refuses_and_says_where(text: str, path: str, words: str) -> None:
    with pytest.raises(UnfitError) as refused:
        strict.read(text)
    assert words in refused.value.problems[path]
    str(refused.value).encode()


@pytest.mark.parametrize(
    "text",
    ["", "{", '"a', "{'a': 1}", "nul", b"\xff\xfe\x00", b'"\xff"', '"a\nb"', "1 2", "[" * 100_000, '{"a": ' * 100_000],
)
def test_what_is_no_json_is_called_so(text: str | bytes) -> None:
    with pytest.raises(NotJsonError, match=r"line 1, column \d+|byte \d+|nested too deeply"):
        strict.read(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"line\nfeed\ttab\r"', "line\nfeed\ttab\r"),
        (r'"\ud83d\ude00"', "😀"),
        (str(LARGEST), LARGEST),
        (str(-LARGEST), -LARGEST),
        ("0.1", 0.1),
        ("[" * DEEPEST + "]" * DEEPEST, None),
        ('{"a": {"a": 1}}', {"a": {"a": 1}}),
        ("true", True),
        (b'"\xc3\xa9"', "é"),
    ],
)
def test_takes_what_every_reader_can_keep(text: str | bytes, value: object) -> None:
    assert strict.read(text) == value or value is None


def test_names_all_that_is_wrong_up_to_a_point() -> None:
    with pytest.raises(UnfitError) as refused:
        strict.read("[" + ",".join([r'"\u0000"'] * 50) + "]")
    assert list(refused.value.problems) == [f"[{number}]" for number in range(strict.MOST_PROBLEMS)]


TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()))
    | st.sampled_from(["\ud800", "\x00", 10**30, float("inf")]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=())), inner),
)


@pytest.mark.slow
@given(TREES)
def test_what_passes_can_be_written_and_read_again(tree: object) -> None:
    try:
        strict.check(tree)
    except UnfitError as error:
        str(error).encode()
        return
    assert strict.read(writing.text(tree)) == tree


@given(st.text(st.characters(exclude_categories=())))
def test_a_repaired_text_has_no_problem(text: str) -> None:
    repaired = characters.repaired(text)
    assert characters.problem(repaired) is None
    assert len(repaired) == len(text)
    assert (repaired == text) == (characters.problem(text) is None)
