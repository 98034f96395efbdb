r"""Reads JSON of our users, and refuses invalid input with the path of each problem.

>>> read('{"end_user": {"name": "\ud800"}}')
UnfitError: end_user.name: holds U+D800, half of a surrogate pair, at character 1; send whole characters
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from host.gate import characters
from host.gate.limits import DEEPEST, LARGEST, LONGEST_NAME, LONGEST_NUMBER, LONGEST_TEXT, MOST_VALUES
from host.gate.nesting import is_readable

MOST_PROBLEMS = 20
"""The most problems that are reported at once."""
_SHOWN = 60

Place = tuple[str | int, ...]


class NotJsonError(ValueError):
    """The text is not JSON.

    Args:
        reason: `line 1, column 5: Expecting value`.
    """


class UnfitError(ValueError):
    """The JSON holds invalid values.

    Args:
        problems: Path to problem; the path of the document itself is empty.
        found: The document, only to find out whom to answer.
    """

    def __init__(self, problems: Mapping[str, str], found: Any = None) -> None:
        super().__init__("; ".join(f"{path}: {reason}" if path else reason for path, reason in problems.items()))
        self.problems = problems
        self.found = found


class _Unfit:
    """Replaces a value that could not be read in the document."""

    def __init__(self, problem: str) -> None:
        self.problem = problem


def read(text: str | bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        NotJsonError: It is not JSON.
        UnfitError: It holds invalid values.
    """
    found = parsed(text)
    check(found)
    return found


def parsed(text: str | bytes) -> Any:
    """Return the value of a JSON text unchecked, for a document whose parts are checked one by one with `check`.

    Raises:
        NotJsonError: It is not JSON.
    """
    try:
        written = text if isinstance(text, str) else text.decode(json.detect_encoding(text), "surrogatepass")
        if not is_readable(written):
            raise NotJsonError(f"nested too deeply; at most {DEEPEST} levels fit")
        return json.loads(written, parse_int=_whole, parse_constant=_constant, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise NotJsonError(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except UnicodeDecodeError as error:
        raise NotJsonError(f"byte {error.start + 1}: no UTF-8") from None


def check(found: Any) -> None:
    """Check a value that is parsed already, such as the texts of a form.

    Raises:
        UnfitError: It holds invalid values.
    """
    problems: dict[str, str] = {}
    for place, words in _problems(found):
        problems.setdefault(path_of(place), words)
        if len(problems) == MOST_PROBLEMS:
            break
    if problems:
        raise UnfitError(problems, found)


def path_of(place: Iterable[str | int]) -> str:
    """Write `("crm", "allowed_hosts", 0)` as `crm.allowed_hosts[0]`; forbidden characters are replaced."""
    path = ""
    for step in place:
        path = joined(path, step)
    return path


def joined(path: str, step: str | int) -> str:
    """Return the path of a key or an index in `path`."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    name = characters.repaired(step if len(step) <= _SHOWN else step[: _SHOWN - 1] + "…")
    return f"{path}.{name}" if path else name


def _problems(found: Any) -> Iterator[tuple[Place, str]]:
    """Yield problems in the order of the document; without recursion, whatever the depth."""
    waiting: list[tuple[Place, Any]] = [((), found)]
    count = 0
    while waiting:
        place, value = waiting.pop()
        count += 1
        if count > MOST_VALUES:
            yield (), f"has more than {MOST_VALUES} values"
            return
        if words := _problem(value):
            yield place, words
        if not isinstance(value, dict | list):
            continue
        if len(place) >= DEEPEST:
            yield place[:1], _too_deep()
            return
        below = value.items() if isinstance(value, dict) else enumerate(value)
        waiting += [((*place, step), each) for step, each in below][::-1]


def _problem(value: Any) -> str | None:
    if isinstance(value, _Unfit):
        return value.problem
    if isinstance(value, str):
        too_long = f"has {len(value)} characters; at most {LONGEST_TEXT} fit"
        return too_long if len(value) > LONGEST_TEXT else characters.problem(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "is no number that JSON knows; send a finite one"
    if isinstance(value, int | float) and abs(value) > LARGEST:
        return "is a number beyond 2^53, which not every reader can keep; send it as a text"
    return next(filter(None, map(_name_problem, value)), None) if isinstance(value, dict) else None


def _name_problem(name: str) -> str | None:
    if len(name) > LONGEST_NAME:
        return f"has a name of {len(name)} characters; at most {LONGEST_NAME} fit"
    words = characters.problem(name)
    return f"has a name that {words}" if words else None


def _too_deep() -> str:
    return f"is nested too deep; at most {DEEPEST} levels fit"


def _whole(digits: str) -> int | float:
    """Read a whole number; a text that is too long becomes a number beyond `LARGEST`."""
    return int(digits) if len(digits) <= LONGEST_NUMBER else LARGEST * 2


def _constant(name: str) -> _Unfit:
    return _Unfit(f"is {name}, which is no JSON; send a finite number")


def _object(pairs: list[tuple[str, Any]]) -> "dict[str, Any] | _Unfit":
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    twice = sorted({joined("", name) for name in names if names.count(name) > 1})
    return _Unfit(f"found {', '.join(twice)} twice in one object; allowed: each key once")
