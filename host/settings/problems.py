"""Describes validation errors of a settings file: path, what was found, and what is allowed."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from host.addresses import shortened

Location: TypeAlias = tuple[str | int, ...]

KINDS = {
    "model_type": "an object",
    "model_attributes_type": "an object",
    "dict_type": "an object",
    "tuple_type": "a list",
    "list_type": "a list",
}

PLAINER = {
    "Input should be a valid string": "a text",
    "Input should be a valid integer": "a whole number",
    "Input should be a valid boolean": "true or false",
    "Input should be a valid mapping": "an object",
}

TYPE_NAMES: tuple[tuple[tuple[type, ...], str], ...] = (
    ((dict,), "an object"),
    ((list, tuple), "a list"),
    ((str,), "a text"),
    ((bool,), "true or false"),
    ((int, float), "a number"),
)


def of_validation(error: ValidationError, model: type[BaseModel], document: Any) -> dict[str, str]:
    """Return all problems by path; of several at one path the first.

    Args:
        error: Raised by the validation.
        model: The validated model.
        document: The file as given. A problem in an inherited value is reported once, where the value stands.
    """
    problems: dict[str, str] = {}
    for detail in error.errors(include_url=False):
        path, keys, annotation = located(model, detail["loc"])
        if detail["type"] != "missing" and not is_given(document, keys):
            continue
        if detail["type"] in {"union_tag_invalid", "union_tag_not_found"}:
            path = joined(path, _discriminator(detail))
        problems.setdefault(path or "settings", _message(detail, model, annotation))
    return problems


def joined(path: str, step: str | int) -> str:
    """Return the path of a key or an index in `path`."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    return f"{path}.{step}" if path else step


def path_of(location: Iterable[str | int]) -> str:
    """Write `("crm", "allowed_hosts", 0)` as `crm.allowed_hosts[0]`."""
    path = ""
    for step in location:
        path = joined(path, step)
    return path


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean container?`, or an empty text when no known name is similar."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def located(model: type[BaseModel], location: Location) -> tuple[str, Location, Any]:
    """Follow a validation error's location through the models.

    Returns:
        The path in the file, its keys and indexes without the tags that the validation adds, and the type there.
    """
    kept: list[str | int] = []
    here: Any = model
    for step in location:
        here, is_real = _below(_bare(here), step)
        if is_real:
            kept.append(step)
    return path_of(kept), tuple(kept), here


def is_given(document: Any, keys: Location) -> bool:
    """Tell whether there is a value at these keys and indexes."""
    for key in keys:
        try:
            document = document[key]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _bare(annotation: Any) -> Any:
    """Strip `Annotated` and `| None`."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in {Union, UnionType}:
        members = [member for member in get_args(annotation) if member is not type(None)]
        if len(members) == 1:
            return _bare(members[0])
    return annotation


def _below(annotation: Any, step: str | int) -> tuple[Any, bool]:
    """Return the type one step below, and whether that step exists in the file."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _field_type(annotation, step), True
    origin, members = get_origin(annotation), get_args(annotation)
    if origin in {Union, UnionType}:
        return next((member for member in members if _has_tag(member, step)), annotation), False
    if origin is tuple and isinstance(step, int):
        return members[0], True
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return members[1], step != "[key]"
    return annotation, isinstance(step, int)


def _field_type(model: type[BaseModel], step: str | int) -> Any:
    for name, field in model.model_fields.items():
        if step in {name, field.alias}:
            return field.annotation
    return None


def _has_tag(member: Any, tag: str | int) -> bool:
    model = _bare(member)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return False
    literals = (field.annotation for field in model.model_fields.values() if get_origin(field.annotation) is Literal)
    return any(tag in get_args(literal) for literal in literals)


def _message(detail: ErrorDetails, model: type[BaseModel], annotation: Any) -> str:
    write = MESSAGES.get(detail["type"])
    if write is not None:
        return write(detail, model, annotation)
    if kind := KINDS.get(detail["type"]):
        return f"found {kind_of(detail['input'])}; allowed: {kind}"
    allowed = PLAINER.get(detail["msg"]) or re.sub(r"^\w+ should (be|have) ", "", detail["msg"])
    return f"found {_found(detail, annotation)}; allowed: {allowed}"


def _own_words(detail: ErrorDetails, _model: type[BaseModel], _annotation: Any) -> str:
    return str(detail["ctx"]["error"])


def _unknown_key(detail: ErrorDetails, model: type[BaseModel], _annotation: Any) -> str:
    return _unknown(str(detail["loc"][-1]), located(model, detail["loc"][:-1])[2])


def _missing(_detail: ErrorDetails, _model: type[BaseModel], annotation: Any) -> str:
    return f"is missing; needed: {_wanted(annotation)}"


def _not_in_set(detail: ErrorDetails, _model: type[BaseModel], annotation: Any) -> str:
    near = _near_value(detail, annotation)
    return f"found {_found(detail, annotation)}; allowed: {detail['ctx']['expected']}{near}"


def _unknown_method(detail: ErrorDetails, _model: type[BaseModel], _annotation: Any) -> str:
    return f"found {detail['ctx']['tag']!r}; allowed: {detail['ctx']['expected_tags']}"


def _no_method(detail: ErrorDetails, _model: type[BaseModel], annotation: Any) -> str:
    return f"is missing; allowed: {_tags(annotation, _discriminator(detail))}"


MESSAGES: dict[str, Callable[[ErrorDetails, type[BaseModel], Any], str]] = {
    "value_error": _own_words,
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "literal_error": _not_in_set,
    "union_tag_invalid": _unknown_method,
    "union_tag_not_found": _no_method,
}


def _discriminator(detail: ErrorDetails) -> str:
    return str(detail["ctx"]["discriminator"]).strip("'")


def _unknown(key: str, annotation: Any) -> str:
    model = _bare(annotation)
    known = [field.alias or name for name, field in model.model_fields.items()]
    return f"unknown key{nearest(key, known)}; known: {', '.join(sorted(known))}"


def _wanted(annotation: Any) -> str:
    bare = _bare(annotation)
    if get_origin(bare) is Literal:
        return " or ".join(repr(value) for value in get_args(bare))
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return "an object"
    return "a text" if bare in {str, SecretStr} else "a value"


def _tags(annotation: Any, discriminator: str) -> str:
    members: Sequence[Any] = [_bare(member) for member in get_args(_bare(annotation))]
    return ", ".join(repr(get_args(member.model_fields[discriminator].annotation)[0]) for member in members)


def _near_value(detail: ErrorDetails, annotation: Any) -> str:
    found, allowed = detail["input"], get_args(_bare(annotation))
    return nearest(found, map(str, allowed)) if isinstance(found, str) else ""


def _found(detail: ErrorDetails, annotation: Any) -> str:
    value = detail["input"]
    if isinstance(value, dict | list) or _bare(annotation) is SecretStr:
        return kind_of(value)
    return shortened(value) if isinstance(value, str) else repr(value)


def kind_of(value: object) -> str:
    """Return the name of the type only, because the value may be a secret in the wrong place."""
    for types, name in TYPE_NAMES:
        if isinstance(value, types):
            return name
    return "null"
