"""Texts with variables in them.

Values are put in after the text was taken apart, and are never looked at again: what an end user
calls himself can't become a variable, a function or a second parameter.

Source: docs/reference/generic-api.md, Request; docs/reference/generic-api.md, Variables.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from host.crm.templates.catalogue import Place, is_identifying, known
from host.crm.templates.quoting import QUOTES, as_text, is_empty
from host.crm.templates.references import Piece, Reference, pieces_of
from host.crm.templates.syntax_guard import CHECKED, HARMLESS, HARMLESS_INSIDE, in_text
from host.errors import TemplateError

Values = Callable[[Reference], Any]
"""Gives a reference's value: a JSON scalar, or None when there is none."""

AS_THEY_ARE = frozenset({"none", HARMLESS})
"""Ways to fill in which a value that stands alone keeps its type."""

_ALMOST_A_KEY = re.compile(r"\{(CUSTOM_DATA|SAVED)\.[^{}]*\}", re.IGNORECASE)


@dataclass(frozen=True)
class Filled:
    """What a text came to, and out of what."""

    value: Any
    """Typed when the text was exactly one variable; None when there is no value."""
    used: frozenset[Reference] = field(default_factory=frozenset)
    """The variables whose values are in it."""
    missing: frozenset[Reference] = field(default_factory=frozenset)
    """The variables that had none."""
    withheld: frozenset[Reference] = field(default_factory=frozenset)
    """The variables whose values could be syntax in the text around them, so that they count as empty."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to send."""
        return is_empty(self.value)

    @property
    def identifies(self) -> bool:
        """Whether it holds a value that says who the end user is."""
        return any(map(is_identifying, self.used))

    @property
    def lacks_identity(self) -> bool:
        """Whether a variable that would have said who the end user is had no value."""
        return any(map(is_identifying, self.missing))


@dataclass(frozen=True)
class Template:
    """A text, taken apart."""

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
            values: Where they come from.
            quote: One of `QUOTES`, applied to every value, not to the text around it; or one of `CHECKED`.
        """
        found = {reference: values(reference) for reference in self.references}
        missing = frozenset(reference for reference, value in found.items() if is_empty(value))
        used = frozenset(found) - missing
        if self.only is not None and quote in AS_THEY_ARE:
            return Filled(None if missing else found[self.only], used, missing)
        if quote in CHECKED and (risky := in_text(self.pieces, found.__getitem__, inside=quote == HARMLESS_INSIDE)):
            return Filled(None, missing=missing | risky, withheld=risky)
        quoted = QUOTES["none" if quote in CHECKED else quote]
        parts = (piece if isinstance(piece, str) else quoted(as_text(found[piece])) for piece in self.pieces)
        return Filled("".join(parts), used, missing)


@lru_cache(maxsize=4096)
def parse(text: str) -> Template:
    """Take a text apart; whatever it is, there is no wrong one."""
    return Template(pieces_of(text))


def check(text: str, place: Place) -> None:
    """Check the variables of a text in which functions mean nothing, such as a URL.

    Raises:
        TemplateError: A variable that we don't know, or not there; names the nearest.
    """
    template = parse(text)
    check_all(template.references, place)
    for piece in template.pieces:
        if isinstance(piece, str) and (wrong := _ALMOST_A_KEY.search(piece)) and "{" + wrong[0] + "}" not in text:
            raise TemplateError(f'found {wrong[0]}; put the key in quotes: {{{wrong[1].upper()}."a key"}}')


def check_all(references: tuple[Reference, ...], place: Place) -> None:
    """Check variables by the table.

    Raises:
        TemplateError: As `check`.
    """
    for reference in references:
        known(reference, place)
