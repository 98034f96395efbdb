"""Injection guard for finds without a `quote`: tells which values could be read as syntax of a query.

A text such as `(Email:equals:{EMAIL})` is a query in a language that the settings do not name. So only values that
are syntax in none of these languages go into it.

Source: docs/reference/generic-api.md, Syntax inside text.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import unquote

from host.crm.templates.catalogue import VARIABLES
from host.crm.templates.quoting import as_text, is_empty
from host.crm.templates.references import Piece, Reference, pieces_of

SAFE = "safe"
"""In place of a quote, in finds: a value goes into a text unchanged, or is withheld."""
SAFE_INSIDE = "safe inside"
"""The same where a value that stands alone becomes part of a text too, such as an argument of CONCAT_OR."""
CHECKED = frozenset({SAFE, SAFE_INSIDE})

_SIGNS = frozenset(" +-._@*")
_APOSTROPHES = frozenset("'\u02bc")
"""The second one is a letter; some databases store it as the first."""
_PLAIN_TEXT = re.compile(r"[ +\-._@*]*")
_DELIMITERS = re.compile(r"['\"()]")
_OUR_PHONE = re.compile(r"(?:tel:)?\+?[\d \-.*/]*(?:\(\d{1,5}\)[\d \-.*/]*)?")
"""A number as our phone formats write it, `(222) 333-4444`: only its digits come from the end user."""
_DIGITS_ONLY = "PHONE_LAST_DIGITS"
_FROM_ANSWERS = "SAVED"


def unsafe_in_text(
    pieces: Sequence[Piece], values: Callable[[Reference], Any], *, inside: bool = False
) -> frozenset[Reference]:
    """Return the variables of a text whose values could be syntax in it.

    Args:
        pieces: The text.
        values: Returns the value of a variable.
        inside: Whether the text becomes part of another text.
    """
    texts = [piece for piece in pieces if isinstance(piece, str)]
    if not inside and is_plain(texts):
        return frozenset()
    is_delimited = any("'" in text for text in texts)
    references = (piece for piece in pieces if isinstance(piece, Reference) and is_from_end_user(piece))
    return frozenset(each for each in references if not _is_safe(each, values(each), is_delimited=is_delimited))


def unsafe_in_path(url: str, values: Callable[[Reference], Any]) -> frozenset[Reference]:
    """Return the unsafe variables of a URL's path; only a path with quotes or brackets (OData) has any."""
    return unsafe_in_text(path_of(url), values)


def path_of(url: str) -> tuple[Piece, ...]:
    """Return the decoded pieces of a URL template's path; none for a path without quotes or brackets."""
    pieces = decoded(pieces_of(re.split(r"[?#]", url, maxsplit=1)[0]))
    return pieces if any(_DELIMITERS.search(piece) for piece in pieces if isinstance(piece, str)) else ()


def decoded(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Percent-decode the literal pieces of a URL, as the server does."""
    return tuple(unquote(piece) if isinstance(piece, str) else piece for piece in pieces)


def is_plain(texts: Iterable[str]) -> bool:
    """Tell whether the text around variables has no words and no operators, and therefore is not a query."""
    return all(_PLAIN_TEXT.fullmatch(text) for text in texts)


def is_from_end_user(reference: Reference) -> bool:
    """Tell whether an end user may have written the value, so that it may hold anything."""
    variable = VARIABLES.get(reference.name)
    is_personal = variable is not None and variable.is_personal
    return reference.name == _FROM_ANSWERS or (is_personal and reference.name != _DIGITS_ONLY)


def _is_safe(reference: Reference, value: Any, *, is_delimited: bool) -> bool:
    if is_empty(value):
        return True
    text = as_text(value)
    if reference.name == "PHONE_NUMBER" and _OUR_PHONE.fullmatch(text):
        return True
    return all(
        _is_inside_word(text, at) and not is_delimited if character in _APOSTROPHES else _is_safe_character(character)
        for at, character in enumerate(text)
    )


def _is_safe_character(character: str) -> bool:
    """Tell whether it is a letter or digit of any script, or a sign without a meaning in query languages."""
    if character in _SIGNS:
        return True
    folded = unicodedata.normalize("NFKC", character)  # some servers normalize: a wide bracket becomes a bracket
    return all(unicodedata.category(each)[0] in "LM" or each.isdecimal() for each in folded)


def _is_inside_word(text: str, at: int) -> bool:
    """Tell whether an apostrophe is inside a word: O'Brien."""
    return 0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum()
