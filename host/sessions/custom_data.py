"""Reads the custom data that comes with a new session, unsigned and signed.

Source: 10-sessions.md, "Custom data from the SDK".
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from joserfc.jwt import JWTClaimsRegistry

from host.errors import FieldsError

MAX_BYTES = 16 * 1024
"""Of the signed and unsigned together."""

TYPES = ("string", "number", "boolean", "date", "url")
KEYS = frozenset({"label", "value", "type", "invisible_to_agent"})
ALGORITHMS = ["HS256", "HS384"]
Plain = str | int | float | bool | None


def read(unsigned: object, signed: str | None, *, secret: str, now: datetime) -> dict[str, dict[str, Any]]:
    """Return the entries, signed ones first, in their order.

    Args:
        unsigned: JSON text, the value that it stands for, or nothing.
        signed: A JWT with the claim `custom_data`, or nothing.
        secret: The company's secret, which signs the JWT.

    Returns:
        `{"order": {"label": "Order", "value": 12}}`: a plain value has got its key as its label.

    Raises:
        FieldsError: Under `custom_data` or `custom_data_jwt`: what was found, and what would be right.
    """
    size = len((signed or "").encode()) + len(_text(unsigned).encode())
    if size > MAX_BYTES:
        name = "custom_data_jwt" if signed else "custom_data"
        raise FieldsError({name: f"is {size} bytes long; custom data may have {MAX_BYTES} bytes, signed and unsigned"})
    claims = _claims(signed, secret, now) if signed else {}
    entries = _entries(claims, "custom_data_jwt")
    return entries | {
        key: entry for key, entry in _entries(_parsed(unsigned), "custom_data").items() if key not in entries
    }


def _text(unsigned: object) -> str:
    if isinstance(unsigned, str):
        return unsigned
    return "" if unsigned is None else json.dumps(unsigned, ensure_ascii=False)


def _parsed(unsigned: object) -> object:
    if not isinstance(unsigned, str):
        return {} if unsigned is None else unsigned
    if not unsigned.strip():
        return {}
    try:
        return json.loads(unsigned, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        where = f", at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else ""
        raise FieldsError(
            {"custom_data": f'is not JSON{where}; right is {{"key": {{"label": "Order", "value": 12}}}}'}
        ) from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _claims(signed: str, secret: str, now: datetime) -> object:
    if not secret:
        raise FieldsError({"custom_data_jwt": "cannot be checked: this host has no company secret yet"})
    try:
        token = jwt.decode(signed, OctKey.import_key(secret), algorithms=ALGORITHMS)
        JWTClaimsRegistry(now=int(now.timestamp()), exp={"essential": True}).validate(token.claims)
    except (JoseError, ValueError) as error:
        why = str(getattr(error, "error", "unreadable")).replace("_", " ")
        reason = f"cannot be trusted ({why}); sign it with the company secret, {' or '.join(ALGORITHMS)}, with an exp"
        raise FieldsError({"custom_data_jwt": reason}) from error
    return token.claims.get("custom_data", {})


def _entries(found: object, field: str) -> dict[str, dict[str, Any]]:
    if not isinstance(found, Mapping):
        raise FieldsError({field: f"is {_kind(found)}; it must be a map of key to value"})
    entries = {str(key): _entry(key, value) for key, value in found.items()}
    problems = {f"{field}.{key}": entry for key, entry in entries.items() if isinstance(entry, str)}
    if problems:
        raise FieldsError(problems)
    return {key: entry for key, entry in entries.items() if isinstance(entry, dict)}


def _entry(key: str, given: object) -> dict[str, Any] | str:
    """Return the entry, or what is wrong with it."""
    if isinstance(given, Plain):
        return {"label": key, "value": given}
    if not isinstance(given, Mapping):
        return f"is {_kind(given)}; it must be a value or {{label, value, type?, invisible_to_agent?}}"
    if wrong := _wrong(given):
        return wrong
    return {"label": given.get("label") or key, **{name: given[name] for name in given if name != "label"}}


def _wrong(given: Mapping[str, Any]) -> str | None:
    if unknown := set(given) - KEYS:
        return f"has {', '.join(sorted(map(str, unknown)))}; it may have {', '.join(sorted(KEYS))}"
    if "value" not in given or not isinstance(given["value"], Plain):
        return "needs a value: a text, a number, true or false"
    if not isinstance(given.get("label", ""), str):
        return f"has a label that is {_kind(given['label'])}; it must be a text"
    if given.get("type", "string") not in TYPES:
        return f"has the type {given['type']!r}; known are {', '.join(TYPES)}"
    if not isinstance(given.get("invisible_to_agent", False), bool):
        return "has an invisible_to_agent that is neither true nor false"
    return None


def _kind(value: object) -> str:
    kinds = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return kinds.get(type(value), "null" if value is None else type(value).__name__)
