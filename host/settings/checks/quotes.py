"""Warns about texts of a find that hold an end user's value without a quote, and names the quote that fits.

Source: docs/reference/generic-api.md, Syntax inside text.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from host.crm.settings.crm import CrmSettings
from host.crm.settings.endpoint import Endpoint
from host.crm.templates import syntax_guard
from host.crm.templates.function_parser import read
from host.crm.templates.functions import FunctionCall, JsonArgument
from host.crm.templates.json_template import strings_in
from host.crm.templates.quoting import QUOTES
from host.crm.templates.references import Piece, Reference, pieces_of
from host.crm.templates.template import Template
from host.errors import ConfigError
from host.settings.checks import endpoints
from host.settings.problems import Location, path_of

FITTING = (
    ("zoho", re.compile(r":\s*(?:equals|not_equal|starts_with|in|between|greater_\w+|less_\w+)\s*:", re.IGNORECASE)),
    ("soql", re.compile(r"\b(?:SELECT\b.*\bFROM|FIND\b.*\bIN)\b|\bWHERE\b", re.IGNORECASE | re.DOTALL)),
    (
        "odata",
        re.compile(r"\b(?:eq|ne|ge|le|gt|lt)\s+'|\b(?:contains|startswith|endswith|substringof)\s*\(", re.IGNORECASE),
    ),
    ("json", re.compile(r"^\s*[{\[]\s*[\"{\[]")),
    ("sql", re.compile(r"(?:=|\blike)\s*'", re.IGNORECASE)),
    ("backslash", re.compile(r"[\"']")),
    ("url", re.compile(r"[?&][\w.\-]+=")),
)
"""Patterns of query languages and the quote for each; the most certain come first."""

ALL = ", ".join(quote for quote in QUOTES if quote != "none")
UNQUOTED = "inside a text without a quote is left out when it could be syntax there"


def unquoted(crm: CrmSettings) -> Iterator[str]:
    """Yield a warning for each text of a find with an end user's value and no quote; for an inherited one once."""
    told = set[tuple[str, str]]()
    for location, name, endpoint in endpoints.everywhere(crm):
        for at, text, names, what in _of_endpoint(endpoint) if name.startswith("find_") else ():
            if (name, text) not in told:
                told.add((name, text))
                yield f"{path_of((*location, *at))}: {', '.join(dict.fromkeys(names))} {UNQUOTED}; {what}"


def fitting(text: str) -> str | None:
    """Return the quote that fits a text; None when it looks like no known query language."""
    return next((quote for quote, looks in FITTING if looks.search(text)), None)


def _of_endpoint(endpoint: Endpoint) -> Iterator[tuple[Location, str, list[str], str]]:
    """Yield for each text its place in the endpoint, the text, its variables, and the advice."""
    for index, parameter in enumerate(endpoint.parameters):
        if parameter.quote == "none" and (names := _names_in(parameter.value)):
            fits = fitting(str(parameter.value))
            what = f'set "quote": "{fits}"' if fits else f'set the "quote" that fits its language ({ALL})'
            yield ("parameters", index), str(parameter.value), names, what
    headers = [header.value for header in endpoint.headers]
    elsewhere = (
        ("url", _in_url(endpoint.url), unquote(endpoint.url)),
        ("template", _names_in(endpoint.template), "\n".join(strings_in(endpoint.template))),
        ("headers", _names_in(headers), "\n".join(headers)),
    )
    for key, names, text in elsewhere:
        if names:
            fits = fitting(text)
            quote = f'"quote": "{fits}"' if fits else f"the quote that fits its language ({ALL})"
            yield (key,), text, names, f'move it into "parameters", with {quote}'


def _names_in(value: Any) -> list[str]:
    """Return the end user's variables inside texts, at any depth of a JSON value."""
    if isinstance(value, str):
        try:
            return _inside(read(value))
        except ConfigError:  # another check refuses it
            return []
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [name for part in parts for name in _names_in(part)]


def _inside(value: Template | FunctionCall | JsonArgument, *, joined: bool = False) -> list[str]:
    if isinstance(value, JsonArgument):
        return _names_in(value.tree)
    if isinstance(value, FunctionCall):
        is_joined = joined or value.function.joins
        return [name for argument in value.arguments for name in _inside(argument, joined=is_joined)]
    return _around(value.pieces, joined=joined)


def _in_url(url: str) -> list[str]:
    names = _around(syntax_guard.path_of(url))
    query = url.partition("#")[0].partition("?")[2]
    for parameter in query.split("&"):
        names += _around(syntax_guard.decoded(pieces_of(parameter.partition("=")[2])))
    return names


def _around(pieces: Sequence[Piece], *, joined: bool = False) -> list[str]:
    if not joined and syntax_guard.is_plain([piece for piece in pieces if isinstance(piece, str)]):
        return []
    return [str(piece) for piece in pieces if isinstance(piece, Reference) and syntax_guard.is_from_end_user(piece)]
