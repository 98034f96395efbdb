"""Reads the custom data of a new session, unsigned and signed.

Signed data comes from the company's own system; unsigned data may come from the consumer. So the reserved keys
(`reserved_verified_customer`, ...) count in the signed part only, and are left out of the unsigned one.

Source: docs/reference/sessions.md, Custom data.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from joserfc.jwt import JWTClaimsRegistry

from host.errors import FieldsError
from host.gate import characters, strict, writing
from host.gate.strict import NotJsonError, UnfitError
from host.sessions.reserved import is_reserved

MAX_BYTES = 16 * 1024
"""Signed and unsigned together."""

TYPES = ("string", "number", "boolean", "date", "url")
KEYS = frozenset({"label", "value", "type", "invisible_to_agent"})
ALGORITHMS = ["HS256", "HS384"]
VERIFIED = "reserved_verified_customer"
LEAST_SECRET_BYTES = 16
ADVISED_SECRET_BYTES = 32
LONGEST_HEADER = 500
"""Characters of a token's header: the library parses it, and a short one can't nest too deeply for the stack."""
LONGEST = timedelta(days=3650)
"""The longest time for which the id of a token is kept."""
Plain = str | int | float | bool | None
_PLAIN_SCHEMA: dict[str, Any] = {"type": ["string", "number", "boolean", "null"]}
_ENTRY_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "label": {"type": "string"},
        "value": _PLAIN_SCHEMA,
        "type": {"enum": list(TYPES)},
        "invisible_to_agent": {"type": "boolean"},
    },
    "required": ["value"],
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "object", "additionalProperties": {"anyOf": [_PLAIN_SCHEMA, _ENTRY_SCHEMA]}},
        {"type": ["string", "null"]},
    ]
}
"""The JSON Schema of unsigned custom data."""
Entries = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Signer:
    """The key and audience that a signature must have."""

    secret: str = field(repr=False)
    """The setting `company_secret_jwt`; empty: no signature is accepted."""
    audience: str
    """The public URL; a token's `aud`, if present, must name it."""


@dataclass(frozen=True)
class UsedToken:
    """A token that may be used once."""

    id_hash: str
    expires_at: datetime


@dataclass(frozen=True)
class CustomData:
    """The custom data of a session."""

    entries: Entries
    """`{"order": {"label": "Order", "value": 12}}`: a plain value has its key as label."""
    is_verified: bool = False
    """Whether the company's own system has verified the customer."""
    token: UsedToken | None = None
    """The token, if it has a `jti`."""


@dataclass(frozen=True)
class _Signed:
    claim: object = field(default_factory=dict)
    token: UsedToken | None = None


def read(unsigned: object, signed: str | None, *, signer: Signer, now: datetime) -> CustomData:
    """Return the entries, signed ones first, in their order.

    Args:
        unsigned: JSON text, a parsed JSON value, or None.
        signed: A JWT with the claim `custom_data`, or None.
        signer: What a signature must have.
        now: For `exp`.

    Raises:
        FieldsError: For `custom_data` or `custom_data_jwt`: what was found, and what is allowed.
    """
    size = len(characters.whole(signed or "").encode()) + _size(unsigned)
    if size > MAX_BYTES:
        name = "custom_data_jwt" if signed else "custom_data"
        raise FieldsError({name: f"is {size} bytes long; custom data may have {MAX_BYTES} bytes, signed and unsigned"})
    found = _verified(signed, signer, now) if signed else _Signed()
    trusted = _entries(found.claim, "custom_data_jwt")
    own_words = _entries(_parsed(unsigned), "custom_data")
    others = {key: entry for key, entry in own_words.items() if not is_reserved(key)}
    return CustomData({**trusted, **others, **trusted}, is_set(trusted.get(VERIFIED)), found.token)


def is_set(entry: object) -> bool:
    """Tell whether an entry's value is true, 1 or yes."""
    value = entry.get("value") if isinstance(entry, Mapping) else entry
    return value is True or str(value).lower() in {"true", "1", "yes"}


def _size(unsigned: object) -> int:
    if unsigned is None:
        return 0
    return len(characters.whole(unsigned if isinstance(unsigned, str) else writing.text(unsigned)).encode())


def _parsed(unsigned: object) -> object:
    if not isinstance(unsigned, str):
        return {} if unsigned is None else unsigned
    if not unsigned.strip():
        return {}
    try:
        return strict.read(unsigned)
    except NotJsonError as error:
        right = 'right is {"key": {"label": "Order", "value": 12}}'
        raise FieldsError({"custom_data": f"is not JSON, at {error}; {right}"}) from None
    except UnfitError as error:
        problems = error.problems.items()
        raise FieldsError(
            {f"custom_data.{path}" if path else "custom_data": words for path, words in problems}
        ) from None


def _verified(signed: str, signer: Signer, now: datetime) -> _Signed:
    """Check a token and return its claim.

    Raises:
        FieldsError: It can't be trusted; says why.
    """
    if len(signer.secret.encode()) < LEAST_SECRET_BYTES:
        raise _untrusted(f"this host has no secret for it: set company_secret_jwt, {LEAST_SECRET_BYTES} bytes or more")
    if len(signed.partition(".")[0]) > LONGEST_HEADER:
        raise _untrusted(f"its header is longer than {LONGEST_HEADER} characters")
    try:
        token = jws.deserialize_compact(signed, OctKey.import_key(signer.secret), algorithms=ALGORITHMS)
        claims = _as_map(strict.read(token.payload))
        JWTClaimsRegistry(now=int(now.timestamp()), exp={"essential": True}).validate(claims)
        left = timedelta(seconds=min(claims["exp"] - now.timestamp(), LONGEST.total_seconds()))
    except UnfitError as error:
        raise FieldsError({"custom_data_jwt": str(error)}) from None
    except (JoseError, ValueError, OverflowError) as error:
        why = str(getattr(error, "error", "unreadable")).replace("_", " ")
        wanted = f"sign it with company_secret_jwt, {' or '.join(ALGORITHMS)}, with an exp"
        raise _untrusted(f"{why}; {wanted}") from error
    _check_audience(claims, signer)
    return _Signed(claims.get("custom_data", {}), _used_token(claims, now.astimezone(UTC) + left))


def _as_map(claims: object) -> dict[str, Any]:
    if not isinstance(claims, dict):
        raise ValueError("claims are a map")  # noqa: TRY004 - as all that is wrong with a token
    return claims


def _check_audience(claims: Mapping[str, Any], signer: Signer) -> None:
    if "aud" not in claims:
        return
    given = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if signer.audience not in [each.rstrip("/") for each in given if isinstance(each, str)]:
        raise _untrusted(f"its aud is for others; here it has to name {signer.audience}")


def _used_token(claims: Mapping[str, Any], expires_at: datetime) -> UsedToken | None:
    token_id = claims.get("jti")
    if token_id is None:
        return None
    return UsedToken(hashlib.sha256(token_id.encode("utf-8", "surrogatepass")).hexdigest(), expires_at)


def _untrusted(why: str) -> FieldsError:
    return FieldsError({"custom_data_jwt": f"cannot be trusted ({why})"})


def _entries(found: object, name: str) -> Entries:
    if not isinstance(found, Mapping):
        raise FieldsError({name: f"is {_kind(found)}; it must be a map of key to value"})
    entries = {str(key): _entry(key, value) for key, value in found.items()}
    problems = {f"{name}.{key}": entry for key, entry in entries.items() if isinstance(entry, str)}
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
