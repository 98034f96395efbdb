"""Evaluates conditions on an answer or on one of its rows.

Source: docs/reference/settings.md, Endpoint keys.
"""

from collections.abc import Callable, Iterable
from typing import Any

from host.crm.http.answer import Answer
from host.crm.response import json_path
from host.crm.settings.endpoint_parts import RowCondition
from host.crm.templates import template
from host.crm.templates.quoting import as_text, is_empty
from host.crm.templates.template import Values
from host.errors import CrmAnswerError

_NO_VALUE = object()  # of a template without a value: equals nothing, not even null


def holds(condition: RowCondition, value: Any, values: Values | None = None) -> bool:
    """Tell whether a condition holds for a JSON value.

    Values are compared as texts: 2 equals "2", true equals "true". A missing value equals nothing.

    Args:
        condition: Its operand may hold templates.
        value: A row, or a whole body.
        values: For the templates; without it all variables are empty.
    """
    found = json_path.parse(condition.location).find(value)
    operand = condition.operand
    wanted = operand if isinstance(operand, tuple) else (operand,)
    filled = [_fill(each, values) for each in wanted]
    return _OPERATORS[condition.operator](found, filled)


def holds_in(endpoint: str, condition: RowCondition, answer: Answer, values: Values | None = None) -> bool:
    """Tell whether a condition holds for a whole answer; `header:Name` is a location too.

    For a body that isn't JSON no condition holds.
    """
    path = json_path.parse(condition.location)
    if path.header:
        whole = {"header": answer.headers.get(path.header)}
        return holds(condition.model_copy(update={"location": "header"}), whole, values)
    try:
        body = json_path.json_of(endpoint, answer)
    except CrmAnswerError:
        return False
    return holds(condition, body, values)


def _fill(operand: Any, values: Values | None) -> Any:
    if not isinstance(operand, str):
        return operand
    filled = template.parse(operand).fill(values or (lambda _: None))
    return _NO_VALUE if filled.missing else filled.value


def _same(found: Any, wanted: Any) -> bool:
    if wanted is _NO_VALUE:
        return False
    if found is None or wanted is None:
        return found is None and wanted is None
    return as_text(found) == as_text(wanted)


def _contains(found: Any, wanted: Any) -> bool:
    if wanted is _NO_VALUE or is_empty(wanted):
        return False
    if isinstance(found, list):
        return any(_same(each, wanted) for each in found)
    return isinstance(found, str) and as_text(wanted) in found


def _any(found: Any, wanted: Iterable[Any]) -> bool:
    return any(_same(found, each) for each in wanted)


_OPERATORS: dict[str, Callable[[Any, list[Any]], bool]] = {
    "equals": lambda found, wanted: _same(found, wanted[0]),
    "not_equals": lambda found, wanted: not _same(found, wanted[0]),
    "in": _any,
    "not_in": lambda found, wanted: not _any(found, wanted),
    "contains": lambda found, wanted: _contains(found, wanted[0]),
}
