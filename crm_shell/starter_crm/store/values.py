"""Checks field values: each check returns the stored value, or says what was found and what is allowed."""

import json
import re
from collections.abc import Callable, Sequence

Check = Callable[[object], object]
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
MIME = re.compile(r"[\w.+-]+/[\w.+-]+(\s*;[\x20-\x7e]*)?", re.ASCII)
ACCOUNT_ID = re.compile(r"[\w.:-]+", re.ASCII)


def text(limit: int) -> Check:
    """Allow a text of up to `limit` characters; a number is kept as its text."""

    def check(value: object) -> object:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError(f"found {kind_of(value)}; give a text")  # noqa: TRY004 - one error for all wrong values
        written = str(value)
        if len(written) > limit:
            raise ValueError(f"found {len(written)} characters; give at most {limit}")
        return storable(written)

    return check


def shaped(pattern: re.Pattern[str], limit: int, wanted: str) -> Check:
    """Allow a text that is `pattern` from end to end; an empty one is no value."""
    as_text = text(limit)

    def check(value: object) -> object:
        written = as_text(value)
        if not written:
            return None
        if not pattern.fullmatch(str(written)):
            raise ValueError(f"found {str(written)[:80]!r}; give {wanted}")
        return written

    return check


def one_of(choices: Sequence[str]) -> Check:
    """Allow one of a closed set."""

    def check(value: object) -> object:
        if value not in choices:
            raise ValueError(f"found {str(value)[:80]!r}; allowed: {', '.join(choices)}")
        return value

    return check


def whole_number(least: int, most: int) -> Check:
    """Allow a whole number in a range, also written as a text."""
    wanted = f"a whole number from {least} to {most}"

    def check(value: object) -> object:
        if value is None or value == "":
            return None
        written = str(value)
        if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]{1,9}", written) or not least <= int(written) <= most:
            raise ValueError(f"found {written[:80]!r}; give {wanted}")
        return int(written)

    return check


def required(check: Check) -> Check:
    """Refuse nothing and the empty text."""

    def checked(value: object) -> object:
        kept = check(value)
        if kept is None or kept == "":
            raise ValueError("is empty; give a value")
        return kept

    return checked


def kind_of(value: object) -> str:
    """Name a JSON value's kind for people: ``a list``."""
    names = {
        bool: "true or false",
        dict: "an object",
        list: "a list",
        str: "a text",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), "null")


def storable(written: str) -> str:
    """Refuse what no UTF-8 database can hold: half a surrogate pair, and NUL."""
    try:
        written.encode()
    except UnicodeEncodeError as error:
        raise ValueError("holds half a surrogate pair; give whole characters") from error
    if "\0" in written:
        raise ValueError("holds a NUL character; leave it out")
    return written


def size_of(value: object) -> int:
    """Return how long a value is as JSON, in characters."""
    return len(json.dumps(value))
