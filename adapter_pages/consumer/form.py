"""Reads and checks the form that starts a chat."""

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from host.errors import FieldsError
from host.gate import characters, writing
from host.sessions import custom_data
from host.sessions.chats import NewChat
from host.sessions.custom_data import CustomData, Signer
from host.sessions.starting import BY_CONSUMER

TEXTS = ("name", "phone", "email", "queue", "custom_data", "custom_data_jwt")
MOST_CHARACTERS = {"name": 200, "phone": 40, "email": 320}
_PHONE = re.compile(r"\+?[\d\s()./*#-]+")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")


@dataclass(frozen=True)
class Form:
    """The form as it is shown."""

    queues: Sequence[str]
    """Paths of the queues to choose from: `Developers / James`."""
    closed: frozenset[str]
    """Those of them that are closed now."""
    values: Mapping[str, str]
    """As typed, or as in the address."""
    problems: Mapping[str, str] = field(default_factory=dict)
    """Problem by field."""
    notice: str = ""
    """Why no chat was started, if that has nothing to do with a field."""
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    """Sent as `form_key`, so that several clicks on the button start one chat."""

    @property
    def other_problems(self) -> Mapping[str, str]:
        """Problems with values without an input: custom data."""
        return {name: words for name, words in self.problems.items() if name not in {"name", "phone", "email", "queue"}}


def texts(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the form's texts from an address, a form or JSON; other values are left out."""
    return {name: given[name].strip() for name in TEXTS if isinstance(given.get(name), str)}


def read(given: Mapping[str, Any], queues: Sequence[str], *, signer: Signer, now: datetime) -> NewChat:
    """Return the new chat that a form asks for.

    Args:
        given: A form, or JSON; there `custom_data` may be a map.
        signer: Verifies the signature of `custom_data_jwt`.

    Raises:
        FieldsError: All invalid fields, with what was found and what is allowed.
    """
    problems = {name: f"is {type(given[name]).__name__}; it must be a text" for name in _not_texts(given)}
    values = texts(given)
    problems |= {name: words for name in ("name", "phone", "email") if (words := _wrong(name, values.get(name, "")))}
    if words := _wrong_queue(values.get("queue", ""), queues):
        problems["queue"] = words
    problems |= problems_of_data(given, signer=signer, now=now)
    if problems:
        raise FieldsError(problems)
    data = _data(given, signer, now)
    return NewChat(
        queue=values.get("queue") or None,
        name=values.get("name") or None,
        email=values.get("email") or None,
        phone=values.get("phone") or None,
        custom_data=data.entries,
        is_verified=data.is_verified,
        token=data.token,
        device_type="Web",
        details={"person_from": BY_CONSUMER},
    )


def once(given: Mapping[str, Any], browser: str) -> str | None:
    """Return an idempotency key: the same form from the same browser with the same content has the same key.

    Args:
        given: As for `read`; without a `form_key` there is no key, and each request starts a chat.
        browser: A secret of the browser, so that another browser can't get the chat with the form's key.
    """
    key = given.get("form_key")
    if not isinstance(key, str) or not key or not browser:
        return None
    content = writing.text([browser, key, {name: given.get(name) for name in TEXTS}], sort_keys=True)
    return f"consumer:{hashlib.sha256(content.encode()).hexdigest()}"


def problems_of_data(given: Mapping[str, Any], *, signer: Signer, now: datetime) -> Mapping[str, str]:
    """Return problems with the custom data, before the consumer fills in the form."""
    try:
        _data(given, signer, now)
    except FieldsError as error:
        return error.fields
    return {}


def _data(given: Mapping[str, Any], signer: Signer, now: datetime) -> CustomData:
    signed = given.get("custom_data_jwt")
    return custom_data.read(
        given.get("custom_data"), signed if isinstance(signed, str) else None, signer=signer, now=now
    )


def _not_texts(given: Mapping[str, Any]) -> list[str]:
    return [
        name
        for name in TEXTS
        if name != "custom_data" and given.get(name) is not None and not isinstance(given[name], str)
    ]


def _wrong(name: str, value: str) -> str | None:
    if len(value) > MOST_CHARACTERS[name]:
        return f"has {len(value)} characters; at most {MOST_CHARACTERS[name]} fit."
    if characters.problem(value) or not characters.is_line(value):
        return "holds a control character or a line break; type it again."
    if name == "phone" and value and not (_PHONE.fullmatch(value) and sum(map(str.isdigit, value)) >= 3):
        return "Enter a phone number, e.g. +1 222 333 4444."
    if name == "email" and value and not _EMAIL.fullmatch(value):
        return "Enter an e-mail address, e.g. james.bond@example.com."
    return None


def _wrong_queue(value: str, queues: Sequence[str]) -> str | None:
    if not value and not queues:
        return None
    if value in queues:
        return None
    known = ", ".join(queues) or "none yet"
    return f"“{value}” is no queue; there are: {known}." if value else f"Choose one of: {known}."
