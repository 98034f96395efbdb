"""Texts with variables in them.

The text is parsed first and the values are put in afterwards; they are not parsed again. So a name that an end user
chose cannot become a variable, a function or a second parameter.

Source: docs/reference/generic-api.md, Request; docs/reference/generic-api.md, Variables.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from host.crm.templates.catalogue import Place, get_variable, is_identifying
from host.crm.templates.quoting import QUOTES, as_text, is_empty
from host.crm.templates.references import Piece, Reference, pieces_of
from host.crm.templates.syntax_guard import CHECKED, SAFE, SAFE_INSIDE, unsafe_in_text
from host.errors import TemplateError

Values = Callable[[Reference], Any]
"""Returns a reference's value: a JSON scalar, or None when it has none."""

KEEPS_TYPE = frozenset({"none", SAFE})
"""Quotes with which a value that stands alone keeps its type."""

_ALMOST_A_KEY = re.compile(r"\{(CUSTOM_DATA|SAVED)\.[^{}]*\}", re.IGNORECASE)


@dataclass(frozen=True)
class Filled:
    """The result of filling a text, and the variables that it was made from."""

    value: Any
    """Typed when the text is exactly one variable; None when there is no value."""
    used: frozenset[Reference] = field(default_factory=frozenset)
    """The variables whose values are in it."""
    missing: frozenset[Reference] = field(default_factory=frozenset)
    """The variables without a value."""
    withheld: frozenset[Reference] = field(default_factory=frozenset)
    """The variables whose values could be syntax in the text around them; they count as empty."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to send."""
        return is_empty(self.value)

    @property
    def has_identity(self) -> bool:
        """Whether it holds a value that identifies the end user."""
        return any(map(is_identifying, self.used))

    @property
    def lacks_identity(self) -> bool:
        """Whether an identifying variable in it has no value."""
        return any(map(is_identifying, self.missing))


@dataclass(frozen=True)
class Template:
    """A parsed text."""

    pieces: tuple[Piece, ...]

    @property
    def references(self) -> tuple[Reference, ...]:
        """The variables in it, in order."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Reference))

    @property
    def only(self) -> Reference | None:
        """The variable that is the whole text, if it is exactly one."""
        reference = self.pieces[0] if len(self.pieces) == 1 else None
        return reference if isinstance(reference, Reference) else None

    def fill(self, values: Values, quote: str = "none") -> Filled:
        """Put the values in.

        Args:
            values: Returns the value of a variable.
            quote: One of `QUOTES`, applied to every value, not to the text around it; or one of `CHECKED`.
        """
        found = {reference: values(reference) for reference in self.references}
        missing = frozenset(reference for reference, value in found.items() if is_empty(value))
        used = frozenset(found) - missing
        if self.only is not None and quote in KEEPS_TYPE:
            return Filled(None if missing else found[self.only], used, missing)
        if quote in CHECKED and (risky := unsafe_in_text(self.pieces, found.__getitem__, inside=quote == SAFE_INSIDE)):
            return Filled(None, missing=missing | risky, withheld=risky)
        quoted = QUOTES["none" if quote in CHECKED else quote]
        parts = (piece if isinstance(piece, str) else quoted(as_text(found[piece])) for piece in self.pieces)
        return Filled("".join(parts), used, missing)


@lru_cache(maxsize=4096)
def parse(text: str) -> Template:
    """Parse a text; every text is valid."""
    return Template(pieces_of(text))


def check(text: str, place: Place) -> None:
    """Check the variables of a text in which functions have no meaning, such as a URL.

    Raises:
        TemplateError: A variable is unknown or not available there; the message names the nearest one.
    """
    template = parse(text)
    check_all(template.references, place)
    for piece in template.pieces:
        if isinstance(piece, str) and (wrong := _ALMOST_A_KEY.search(piece)) and "{" + wrong[0] + "}" not in text:
            raise TemplateError(f'found {wrong[0]}; put the key in quotes: {{{wrong[1].upper()}."a key"}}')


def check_all(references: tuple[Reference, ...], place: Place) -> None:
    """Check variables against the table.

    Raises:
        TemplateError: As `check`.
    """
    for reference in references:
        get_variable(reference, place)
