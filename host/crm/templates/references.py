"""References to variables inside a text: `{NAME}`, `{CUSTOM_DATA."Device Type"}`, `{PHONE_LAST_DIGITS:7}`.

Source: docs/reference/generic-api.md, Variables.
"""

import re
from dataclasses import dataclass

from host.gate import strict, writing

_QUOTED_KEY = r"""\.(?:"(?:[^"\\\x00-\x1f]|\\.)*"|'[^'\x00-\x1f]*')"""
VARIABLE = rf"\{{[A-Za-z_][A-Za-z0-9_]*(?:{_QUOTED_KEY}|[.:][\w.:]*)?\}}"
_TOKEN = re.compile(rf"(?P<literal>\{{{VARIABLE}\}})|(?P<variable>{VARIABLE})")
_PARTS = re.compile(r"(?P<name>\w+)(?:\.(?P<key>.*)|:(?P<argument>.*))?", re.DOTALL)


@dataclass(frozen=True)
class Reference:
    """One use of a variable in a text."""

    name: str
    """In upper case, although texts may write `{Call_ID}`."""
    key: str | None = None
    """The part after the dot, without quotes: `Device Type`."""
    argument: str | None = None
    """The part after the colon: `7`."""

    def __str__(self) -> str:
        if self.key is not None:
            key = self.key if re.fullmatch(r"[\w.:]+", self.key) else writing.text(self.key)
            return f"{{{self.name}.{key}}}"
        return f"{{{self.name}}}" if self.argument is None else f"{{{self.name}:{self.argument}}}"


Piece = str | Reference


def pieces_of(text: str) -> tuple[Piece, ...]:
    """Split a text into literal pieces and references.

    Only braces around a name are a variable; `{{NAME}}` is the literal `{NAME}`; other braces are literal text.
    """
    pieces: list[Piece] = []
    literal, end = "", 0
    for token in _TOKEN.finditer(text):
        literal += text[end : token.start()]
        end = token.end()
        if token["literal"]:
            literal += token["literal"][1:-1]
            continue
        if literal:
            pieces.append(literal)
        pieces.append(reference_of(token["variable"]))
        literal = ""
    literal += text[end:]
    return (*pieces, literal) if literal else tuple(pieces)


def reference_of(variable: str) -> Reference:
    """Read one variable, with its braces."""
    parts = _PARTS.fullmatch(variable[1:-1])
    if parts is None:
        raise ValueError(f"{variable!r} is no variable")
    key: str | None = parts["key"]
    return Reference(parts["name"].upper(), key if key is None else _unquoted(key), parts["argument"])


def _unquoted(key: str) -> str:
    if key.startswith("'"):
        return key[1:-1]
    if key.startswith('"'):
        try:
            return str(strict.read(key))
        except ValueError:  # an escape that JSON doesn't have: take the text literally
            return key[1:-1]
    return key
