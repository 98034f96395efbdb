r"""Paths into an answer: `data.0.id`, `$.result`, `custom_fields[name=Phone].value`, `header:Location`.

`\.` is a dot inside a key: `@odata\.etag`.

Source: docs/reference/generic-api.md, Response data location.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from host.crm.http import charsets
from host.crm.http.answer import Answer
from host.crm.templates.quoting import as_text
from host.errors import ConfigError, CrmAnswerError
from host.gate import lenient

RIGHT = "keys and indexes such as data.0.id, items[name=Phone].value, or header:Location"
_HEADER = re.compile(r"header:\s*(?P<name>[!#$%&'*+.^_`|~\w-]+)", re.IGNORECASE)
_STEP = re.compile(
    r"""\.?(?:
        \[(?P<index>-?\d+)\]
      | \[\s*(?P<key>(?:\\.|[^\]=\\])+?)\s*=\s*(?P<wanted>"(?:[^"\\]|\\.)*"|'[^']*'|[^\]"']*?)\s*\]
      | (?P<name>(?:\\.|[^.\[\]\\])+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_PATH_MAX = 500


@dataclass(frozen=True)
class Key:
    """A key of an object; digits are an index of a list."""

    name: str


@dataclass(frozen=True)
class Pick:
    """The first element of a list with a given value under a key."""

    key: str
    wanted: str


Step = Key | Pick


@dataclass(frozen=True)
class Path:
    """A parsed path."""

    steps: tuple[Step, ...] = ()
    header: str | None = None

    def find(self, value: Any) -> Any:
        """Return the value at this path of a JSON value; None when there is none."""
        for step in self.steps:
            value = _pick(value, step) if isinstance(step, Pick) else _get(value, step.name)
            if value is None:
                return None
        return value

    def replaced(self, value: Any, new: Any) -> Any:
        """Return a copy of a JSON value with `new` at this path; unchanged when the path does not exist."""
        if not self.steps:
            return new
        inner = Path(self.steps[:1]).find(value)
        if inner is None:
            return value
        changed = Path(self.steps[1:]).replaced(inner, new)
        if isinstance(value, dict):
            return {key: changed if each is inner else each for key, each in value.items()}
        return [changed if each is inner else each for each in value] if isinstance(value, list) else value


@lru_cache(maxsize=1024)
def parse(text: str) -> Path:
    """Parse a path; "" and "$" are the whole value.

    Raises:
        ConfigError: The text is not a path; the message shows correct ones.
    """
    if header := _HEADER.fullmatch(text):
        return Path(header=header["name"])
    rest = "" if text == "$" else re.sub(r"\A\$(?:\.|(?=\[))", "", text)
    steps: list[Step] = []
    at = 0
    while at < len(rest):
        step = _STEP.match(rest, at)
        if step is None or (rest[at] == "." and at == 0) or len(text) > _PATH_MAX:
            raise ConfigError(f"found the location {text!r}; right would be {RIGHT}")
        steps.append(_step(step))
        at = step.end()
    return Path(tuple(steps))


def json_of(endpoint: str, answer: Answer) -> Any:
    """Read an answer's body as JSON; None when it is empty.

    Raises:
        CrmAnswerError: The body is something else, such as an HTML page.
    """
    kind = answer.headers.get("Content-Type") or ""
    for text in charsets.readings(answer.body, kind):
        if not text.strip():
            return None
        with suppress(ValueError):
            return lenient.read(text)
    reason = f"answered {answer.status} with something that is not JSON ({kind or 'no content type'})"
    raise CrmAnswerError(endpoint, reason)


def located(endpoint: str, answer: Answer, location: str) -> Any:
    """Return the value at a location of an answer, header or body; None when there is none.

    Raises:
        CrmAnswerError: The body is needed and is not JSON.
    """
    path = parse(location)
    return _header(answer, path.header) if path.header else path.find(json_of(endpoint, answer))


def _header(answer: Answer, name: str) -> str | None:
    found = answer.headers.get(name)
    return None if found is None else lenient.text(found)


def _step(found: re.Match[str]) -> Step:
    if found["index"] is not None:
        return Key(found["index"])
    if found["key"] is None:
        return Key(_unescaped(found["name"]))
    wanted: str = found["wanted"]
    if wanted[:1] in {'"', "'"}:
        wanted = wanted[1:-1]
    return Pick(_unescaped(found["key"]), _unescaped(wanted))


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _get(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list) and re.fullmatch(r"-?[0-9]{1,9}", name) and -len(value) <= int(name) < len(value):
        return value[int(name)]
    return None


def _pick(value: Any, step: Pick) -> Any:
    rows = value if isinstance(value, list) else []
    return next((row for row in rows if isinstance(row, dict) and _is(row.get(step.key), step.wanted)), None)


def _is(value: Any, wanted: str) -> bool:
    return value is not None and as_text(value) == wanted
