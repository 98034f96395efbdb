"""URLs with variables: every value is percent-encoded for its place in the URL and cannot change the rest.

Source: docs/reference/generic-api.md, Request; docs/reference/lookup-links.md, Custom lookup URL.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote as percent_encoded

from host.addresses import web_url
from host.crm.templates.quoting import as_text, in_url
from host.crm.templates.references import Piece, Reference
from host.crm.templates.syntax_guard import decoded
from host.crm.templates.template import Template, Values, parse

Leaves = Callable[[Template, Values], bool]
"""Decides whether a query parameter is left out, by its text and the values."""

_AS_WRITTEN = "%:/?#[]@!$&'()*+,;="
_HOST_VALUE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?")
_DOT_SEGMENTS = frozenset({".", ".."})
_FROM_ELSEWHERE = frozenset({"BASE_URL", "SAVED"})


@dataclass(frozen=True)
class Url:
    """A URL that is ready to use."""

    text: str
    used: frozenset[Reference] = frozenset()
    """The variables whose values are in it."""

    def with_query(self, pairs: Sequence[tuple[str, str]]) -> "Url":
        """Append query parameters, before the fragment."""
        if not pairs:
            return self
        base, hash_sign, fragment = self.text.partition("#")
        joint = "" if base.endswith(("?", "&")) else "&" if "?" in base else "?"
        query = "&".join(
            f"{percent_encoded(name, safe='[]$', errors='replace')}={in_url(value)}" for name, value in pairs
        )
        return Url(f"{base}{joint}{query}{hash_sign}{fragment}", self.used)


@dataclass(frozen=True)
class NoUrl:
    """The reason why there is no URL; without personal data."""

    reason: str


class _NoValueError(Exception):
    """A part of the URL cannot be filled; holds the reason."""


def any_is_missing(template: Template, values: Values) -> bool:
    """Tell whether any variable has no value: the rule for links that people open."""
    return bool(template.fill(values).missing)


def fill(template: str, values: Values, leaves_out: Leaves = any_is_missing) -> Url | NoUrl:
    """Fill a URL template.

    A query parameter with variables may be left out, together with its name; literal parameters and the order are kept.
    `?a=b` inside a fragment is treated as a query. A variable without a value in the host or path: there is no URL.

    Args:
        template: `https://crm.example/find?phone={ANI}`.
        values: Returns the value of a variable.
        leaves_out: Decides which query parameters are left out.
    """
    main, *fragment = _split(parse(template).pieces, "#", 1)
    used: set[Reference] = set()
    try:
        text = _main(main, values, leaves_out, used)
        if fragment:
            text += "#" + _with_parameters(fragment[0], values, leaves_out, used)
        web_url(text)
    except _NoValueError as error:
        return NoUrl(str(error))
    except ValueError:
        return NoUrl(f"what {template} comes to is no usable URL")
    return Url(text, frozenset(used))


def _main(pieces: Sequence[Piece], values: Values, leaves_out: Leaves, used: set[Reference]) -> str:
    first = pieces[0] if pieces else ""
    if not isinstance(first, Reference) or first.name not in _FROM_ELSEWHERE:
        return _with_parameters(pieces, values, leaves_out, used, has_host=True)
    start = as_text(values(first))
    if not start:
        raise _NoValueError(f"{first} has no value")
    used.add(first)
    rest = _with_parameters(pieces[1:], values, leaves_out, used)
    if rest.startswith("?") and "?" in start:
        rest = "&" + rest[1:]
    return start.rstrip("/") + rest if rest.startswith("/") else start + rest


def _with_parameters(
    pieces: Sequence[Piece], values: Values, leaves_out: Leaves, used: set[Reference], *, has_host: bool = False
) -> str:
    path, *query = _split(pieces, "?", 1)
    text = _path(path, values, used, has_host=has_host)
    if not query:
        return text
    parameters = [_parameter(parameter, values, leaves_out, used) for parameter in _split(query[0], "&")]
    kept = [parameter for parameter in parameters if parameter is not None]
    return f"{text}?{'&'.join(kept)}" if kept else text


def _path(pieces: Sequence[Piece], values: Values, used: set[Reference], *, has_host: bool) -> str:
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += percent_encoded(piece, safe=_AS_WRITTEN)
            continue
        value = as_text(values(piece))
        if not value:
            raise _NoValueError(f"{piece} has no value")
        used.add(piece)
        is_host = has_host and "/" not in text.partition("://")[2]
        if is_host and not _HOST_VALUE.fullmatch(value):
            raise _NoValueError(f"the value of {piece} is no host")
        text += value if is_host else in_url(value)
    if any(isinstance(piece, Reference) for piece in pieces) and _DOT_SEGMENTS & set(text.split("/")):
        raise _NoValueError("a value of . or .. would lead to another path")
    return text


def _parameter(pieces: Sequence[Piece], values: Values, leaves_out: Leaves, used: set[Reference]) -> str | None:
    name, *value = _split(pieces, "=", 1)
    said = Template(decoded(value[0] if value else name))
    has_variables = any(isinstance(piece, Reference) for piece in pieces)
    if has_variables and (leaves_out(said, values) or Template(tuple(name)).fill(values).missing):
        return None
    for piece in pieces:
        if isinstance(piece, Reference) and values(piece) is not None:
            used.add(piece)
    return "".join(
        percent_encoded(piece, safe=_AS_WRITTEN) if isinstance(piece, str) else in_url(as_text(values(piece)))
        for piece in pieces
    )


def _split(pieces: Sequence[Piece], separator: str, at_most: int = -1) -> list[list[Piece]]:
    """Split at a character of the literal text; values are not searched."""
    parts: list[list[Piece]] = [[]]
    for piece in pieces:
        if isinstance(piece, Reference):
            parts[-1].append(piece)
            continue
        left = -1 if at_most < 0 else at_most - len(parts) + 1
        head, *tail = piece.split(separator, left) if left else [piece]
        parts[-1] += [head] if head else []
        parts += [[text] if text else [] for text in tail]
    return parts
