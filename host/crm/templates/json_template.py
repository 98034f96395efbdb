"""JSON with variables in its strings, at any depth.

A string that is exactly one variable keeps the type of its value; without a value its key or element is left out.

Source: docs/reference/generic-api.md, Templates.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from host.crm.templates.references import Reference
from host.crm.templates.template import Filled

FillText = Callable[[str], Filled]
"""Fills one string, functions included."""

OMITTED: Any = object()
"""Stands for a value that is left out."""

OMIT_PARENT: Any = object()
"""In a find, stands for a condition without an identifying value: the list element that holds it is left out too."""

_NO_REFERENCES: frozenset[Reference] = frozenset()


@dataclass(frozen=True)
class _Node:
    value: Any
    used: frozenset[Reference] = _NO_REFERENCES
    missing: frozenset[Reference] = _NO_REFERENCES
    withheld: frozenset[Reference] = _NO_REFERENCES


def fill(tree: Any, fill_text: FillText, *, for_find: bool = False) -> Filled:
    """Fill all strings of a JSON value.

    Args:
        tree: As `json.loads` returns it.
        fill_text: Returns a string's value.
        for_find: In a find, a list element (an object or list) is left out as a whole when an identifying variable in
            it has no value: `{"propertyName": "phone", "operator": "EQ"}` would match everybody.

    Returns:
        The value (OMITTED when nothing is left) and the variables in it.
    """
    node = _fill(tree, fill_text, for_find=for_find, in_list=False)
    return Filled(OMITTED if node.value is OMIT_PARENT else node.value, node.used, node.missing, node.withheld)


def strings_in(tree: Any) -> Iterator[str]:
    """Yield all strings of a JSON value except the keys."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, Mapping):
        for value in tree.values():
            yield from strings_in(value)
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from strings_in(value)


def _fill(tree: Any, fill_text: FillText, *, for_find: bool, in_list: bool) -> _Node:
    if isinstance(tree, str):
        return _text(tree, fill_text(tree), for_find=for_find)
    if isinstance(tree, Mapping):
        fields = {key: _fill(value, fill_text, for_find=for_find, in_list=False) for key, value in tree.items()}
        is_broken = in_list and any(node.value is OMIT_PARENT for node in fields.values())
        kept = {key: node.value for key, node in fields.items() if not _is_left_out(node)}
        return _whole(OMIT_PARENT if is_broken else kept, list(fields.values()))
    if isinstance(tree, list | tuple):
        elements = [_fill(value, fill_text, for_find=for_find, in_list=True) for value in tree]
        return _whole(_list(tree, elements, in_list=in_list), elements)
    return _Node(tree)


def _text(text: str, filled: Filled, *, for_find: bool) -> _Node:
    value = filled.value
    if for_find and filled.lacks_identity:
        value = OMIT_PARENT
    elif filled.is_empty and text:
        value = OMITTED
    return _whole(value, [_Node(value, filled.used, filled.missing, filled.withheld)])


def _list(tree: Any, elements: list[_Node], *, in_list: bool) -> Any:
    """Return the elements that are kept, or OMIT_PARENT."""
    broken = [isinstance(given, str) for given, node in zip(tree, elements, strict=True) if node.value is OMIT_PARENT]
    kept = [node.value for node in elements if not _is_left_out(node)]
    if broken and (not kept or (in_list and any(broken))):
        return OMIT_PARENT
    return kept


def _whole(value: Any, nodes: list[_Node]) -> _Node:
    """Combine the variables of the parts; a part that is left out has used none."""
    is_left_out = value is OMITTED or value is OMIT_PARENT
    used = _NO_REFERENCES if is_left_out else _NO_REFERENCES.union(*(node.used for node in nodes))
    missing = _NO_REFERENCES.union(*(node.missing for node in nodes))
    return _Node(value, used, missing, _NO_REFERENCES.union(*(node.withheld for node in nodes)))


def _is_left_out(node: _Node) -> bool:
    return node.value is OMITTED or node.value is OMIT_PARENT
