"""Whether an end user's value, put into a find's text without a `quote`, could be more than a value there.

A text such as `(Email:equals:{EMAIL})` is a query in some language, and nobody has said in which. So only what is
syntax in none of them goes into it.

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

HARMLESS = "harmless"
"""Instead of a quote, in finds: values go into a text as they are, or not at all."""
HARMLESS_INSIDE = "harmless inside"
"""The same where even a value that stands alone becomes part of a text: an argument of CONCAT_OR."""
CHECKED = frozenset({HARMLESS, HARMLESS_INSIDE})

_SIGNS = frozenset(" +-._@*")
_APOSTROPHES = frozenset("'\u02bc")
"""The second one is a letter that some databases store as the first."""
_PLAIN_TEXT = re.compile(r"[ +\-._@*]*")
_DELIMITERS = re.compile(r"['\"()]")
_OUR_PHONE = re.compile(r"(?:tel:)?\+?[\d \-.*/]*(?:\(\d{1,5}\)[\d \-.*/]*)?")
"""As a phone format writes a number that it can read, `(222) 333-4444`: only the digits are the end user's."""
_DIGITS_ONLY = "PHONE_LAST_DIGITS"
_FROM_ANSWERS = "SAVED"


def in_text(
    pieces: Sequence[Piece], values: Callable[[Reference], Any], *, inside: bool = False
) -> frozenset[Reference]:
    """Return the variables of a text whose values could be syntax in it.

    Args:
        pieces: Of the text.
        values: Give the variables' values.
        inside: Whether the text becomes part of another one.
    """
    texts = [piece for piece in pieces if isinstance(piece, str)]
    if not inside and is_plain(texts):
        return frozenset()
    is_delimited = any("'" in text for text in texts)
    references = (piece for piece in pieces if isinstance(piece, Reference) and is_end_users(piece))
    return frozenset(each for each in references if not _is_harmless(each, values(each), is_delimited=is_delimited))


def in_path(url: str, values: Callable[[Reference], Any]) -> frozenset[Reference]:
    """Return the variables in a URL's path that could be syntax there: only inside quotes or brackets, as in OData."""
    return in_text(path_of(url), values)


def path_of(url: str) -> tuple[Piece, ...]:
    """Return the pieces of a URL template's path where it has quotes or brackets, as it is read at the other end."""
    pieces = decoded(pieces_of(re.split(r"[?#]", url, maxsplit=1)[0]))
    return pieces if any(_DELIMITERS.search(piece) for piece in pieces if isinstance(piece, str)) else ()


def decoded(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Return pieces of a URL as they are read at the other end."""
    return tuple(unquote(piece) if isinstance(piece, str) else piece for piece in pieces)


def is_plain(texts: Iterable[str]) -> bool:
    """Tell whether the text around variables is none: nothing in it is a word or a sign of any language."""
    return all(_PLAIN_TEXT.fullmatch(text) for text in texts)


def is_end_users(reference: Reference) -> bool:
    """Tell whether a value may be what an end user has written, and may hold anything."""
    variable = VARIABLES.get(reference.name)
    is_personal = variable is not None and variable.is_personal
    return reference.name == _FROM_ANSWERS or (is_personal and reference.name != _DIGITS_ONLY)


def _is_harmless(reference: Reference, value: Any, *, is_delimited: bool) -> bool:
    if is_empty(value):
        return True
    text = as_text(value)
    if reference.name == "PHONE_NUMBER" and _OUR_PHONE.fullmatch(text):
        return True
    return all(
        _is_apart(text, at) and not is_delimited if character in _APOSTROPHES else _is_letter(character)
        for at, character in enumerate(text)
    )


def _is_letter(character: str) -> bool:
    """Tell whether it is a letter or digit of any script, or one of the few signs that mean nothing."""
    if character in _SIGNS:
        return True
    folded = unicodedata.normalize("NFKC", character)  # some servers fold: a wide bracket is a bracket there
    return all(unicodedata.category(each)[0] in "LM" or each.isdecimal() for each in folded)


def _is_apart(text: str, at: int) -> bool:
    """Tell whether an apostrophe stands inside a word: O'Brien."""
    return 0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum()
