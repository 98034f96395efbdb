"""Parameter functions: `=CONCAT_OR((Id:equals:{ACCOUNT_ID}), (Email:equals:{EMAIL}))`.

The text is parsed once, by a grammar. The values of a session are put into the parsed call, so no value can act as
a bracket, a comma or a function.

Source: docs/reference/generic-api.md, Functions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from host.crm.templates import json_template
from host.crm.templates.quoting import as_text
from host.crm.templates.references import Reference
from host.crm.templates.syntax_guard import CHECKED, SAFE, SAFE_INSIDE
from host.crm.templates.template import Filled, Template, Values
from host.gate import writing

_NO_REFERENCES: frozenset[Reference] = frozenset()
_NO_VALUE = Filled(None)


@dataclass(frozen=True)
class Function:
    """One row of the table."""

    name: str
    says: str
    combine: Callable[[Sequence[Filled]], Filled]
    """Makes the result from the arguments; an empty argument has no value."""
    at_least: int = 1
    at_most: int | None = None
    joins: bool = False
    """Whether the arguments are joined into one text."""


@dataclass(frozen=True)
class JsonArgument:
    """An argument that is JSON with variables in its strings."""

    tree: Any
    read: Callable[[str], "Template | FunctionCall"]
    """Reads one of its strings: `host.crm.templates.function_parser.read`."""

    @property
    def references(self) -> tuple[Reference, ...]:
        """The variables in it, in order."""
        return tuple(name for text in json_template.strings_in(self.tree) for name in self.read(text).references)

    def fill(self, values: Values, quote: str = "none") -> Filled:
        """Put the values in; JSON escaping happens when the result is written."""
        kept = SAFE if quote in CHECKED else "none"
        return json_template.fill(self.tree, lambda text: self.read(text).fill(values, kept))


@dataclass(frozen=True)
class FunctionCall:
    """A function with its arguments."""

    function: Function
    arguments: tuple["Template | FunctionCall | JsonArgument", ...]

    @property
    def references(self) -> tuple[Reference, ...]:
        """The variables in it, in order."""
        return tuple(name for argument in self.arguments for name in argument.references)

    @property
    def depth(self) -> int:
        """How many functions are nested in each other."""
        return 1 + max((argument.depth for argument in self.arguments if isinstance(argument, FunctionCall)), default=0)

    def fill(self, values: Values, quote: str = "none") -> Filled:
        """Evaluate the function: a text, or None when nothing is left.

        An argument is empty when it has variables and any of them has no value.
        """
        inner = SAFE_INSIDE if quote == SAFE and self.function.joins else quote
        filled = [argument.fill(values, inner) for argument in self.arguments]
        withheld = _NO_REFERENCES.union(*(each.withheld for each in filled))
        result = self.function.combine([_argument(each) for each in filled])
        if result.is_empty:
            return Filled(None, missing=frozenset(self.references), withheld=withheld)
        return replace(result, withheld=withheld)


def _argument(filled: Filled) -> Filled:
    return _NO_VALUE if filled.missing or filled.value is json_template.OMITTED else filled


def _joined(word: str) -> Callable[[Sequence[Filled]], Filled]:
    def join(arguments: Sequence[Filled]) -> Filled:
        given = [argument for argument in arguments if not argument.is_empty]
        return Filled(word.join(as_text(argument.value) for argument in given), _used(given))

    return join


def _first(arguments: Sequence[Filled]) -> Filled:
    found = next((argument for argument in arguments if not argument.is_empty), _NO_VALUE)
    return Filled(as_text(found.value), found.used)


def _json(arguments: Sequence[Filled]) -> Filled:
    argument = arguments[0]
    return _NO_VALUE if argument.value is None else Filled(writing.typed(argument.value), argument.used)


def _json_array(arguments: Sequence[Filled]) -> Filled:
    given = [argument for argument in arguments if argument.value is not None]
    return Filled(writing.typed([argument.value for argument in given]), _used(given)) if given else _NO_VALUE


def _used(arguments: Sequence[Filled]) -> frozenset[Reference]:
    return _NO_REFERENCES.union(*(argument.used for argument in arguments))


FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        Function("DEFAULT_VALUE", "The first argument unless it is empty, else the second.", _first, 2, 2),
        Function("CONCAT_OR", "The arguments that are not empty, joined by ' or '.", _joined(" or "), joins=True),
        Function("CONCAT_AND", "The arguments that are not empty, joined by ' and '.", _joined(" and "), joins=True),
        Function("JSON", "A JSON object as text.", _json, 1, 1),
        Function("JSON_ARRAY", "A JSON list of the objects, as text.", _json_array, 0),
    )
}
