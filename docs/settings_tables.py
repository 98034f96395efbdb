"""The settings file's keys as tables, made from the models' JSON schema."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from host.crm.settings.endpoint import Endpoint
from host.settings.document.model import Document

Schema = dict[str, Any]
Table = Callable[[tuple[str, ...], list[tuple[str, ...]]], str]

HEAD = ("key", "values", "default", "is")
LONG = 60
"""A longer default is left out."""


def sections(table: Table) -> str:
    """Return a table for each section, the top level first."""
    schema = Document.model_json_schema()
    top, parts = [], []
    for key, part in schema["properties"].items():
        inner = _inner(part, schema)
        if inner is None or key == "crm":
            top.append(_row(key, part, schema))
        if inner is not None:
            parts.append(f"\n### `{key}`\n\n{_says(inner)}{table(HEAD, list(_rows(inner, schema)))}")
    return table(HEAD, [row for row in top if row[0] != "`crm`"]) + "".join(parts)


def endpoint_keys(table: Table) -> str:
    """Return the table of what an endpoint may say."""
    schema = Endpoint.model_json_schema()
    return table(HEAD, list(_rows(_resolved(schema, schema), schema)))


def _rows(part: Schema, schema: Schema, prefix: str = "") -> Iterator[tuple[str, ...]]:
    for key, value in part["properties"].items():
        inner = _inner(value, schema)
        if inner is not None and "Endpoint" not in str(inner.get("title")) and not prefix.count("."):
            yield from _rows(inner, schema, f"{prefix}{key}.")
        else:
            yield _row(f"{prefix}{key}", value, schema)


def _row(key: str, value: Schema, schema: Schema) -> tuple[str, ...]:
    default = json.dumps(value["default"], ensure_ascii=False) if "default" in value else ""
    shown = f"`{default}`" if 0 < len(default) <= LONG else ""
    says = " ".join(value.get("description", "").split())
    return f"`{key}`", _values(value, schema), shown, says


def _values(value: Schema, schema: Schema) -> str:
    """Say what a key may hold: `automatic`, `e164`; number 1 to 10; list of text."""
    value = _resolved(value, schema)
    if "enum" in value:
        return ", ".join(f"`{each}`" for each in value["enum"])
    if "const" in value:
        return f"`{value['const']}`"
    if "anyOf" in value or "oneOf" in value:
        each = [_values(one, schema) for one in value.get("anyOf") or value["oneOf"]]
        return " or ".join(dict.fromkeys(each))
    if value.get("type") == "array":
        return f"list of {_values(value.get('items', {}), schema)}"
    return f"{_kind(value)}{_range(value)}"


def _kind(value: Schema) -> str:
    kinds = {
        "string": "text",
        "boolean": "true or false",
        "integer": "whole number",
        "null": "null",
        "object": "object",
    }
    return "number" if "ge" in value else kinds.get(value.get("type", ""), "anything")


def _range(value: Schema) -> str:
    low, high = value.get("minimum", value.get("ge")), value.get("maximum", value.get("le"))
    if low is None:
        return ""
    return f" {low} to {high}" if high is not None else f" from {low}"


def _resolved(value: Schema, schema: Schema) -> Schema:
    while "$ref" in value:
        value = schema["$defs"][value["$ref"].rpartition("/")[2]] | {
            key: each for key, each in value.items() if key != "$ref"
        }
    return value


def _inner(value: Schema, schema: Schema) -> Schema | None:
    """Return the object that a key holds, or holds a list of; None for plain values."""
    value = _resolved(value, schema)
    if value.get("type") == "array":
        value = _resolved(value.get("items", {}), schema)
    return value if value.get("properties") else None


def _says(part: Schema) -> str:
    return f"{part['description'].splitlines()[0]}\n\n" if part.get("description") else ""
