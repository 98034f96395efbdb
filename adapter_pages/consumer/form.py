"""What a consumer fills in to start a chat: read, checked, and shown again when something is wrong."""

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
    """Paths that can be chosen: `Developers / James`."""
    values: Mapping[str, str]
    """As they were typed or stood in the address."""
    problems: Mapping[str, str] = field(default_factory=dict)
    """Field to what is wrong with it."""
    notice: str = ""
    """Why nothing came of it, when no field is to blame."""
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    """Sent along as `form_key`: the form is one chat, however often its button is clicked."""

    @property
    def other_problems(self) -> Mapping[str, str]:
        """Those about values that have no box: custom data."""
        return {name: words for name, words in self.problems.items() if name not in {"name", "phone", "email", "queue"}}


def texts(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the form's texts out of an address, a form or JSON; what isn't a text is left out."""
    return {name: given[name].strip() for name in TEXTS if isinstance(given.get(name), str)}


def read(given: Mapping[str, Any], queues: Sequence[str], *, signer: Signer, now: datetime) -> NewChat:
    """Turn what was sent into a new chat.

    Args:
        given: A form, or JSON; there `custom_data` may be a map.
        signer: Whose signature on `custom_data_jwt` counts.

    Raises:
        FieldsError: Each field that is wrong, with what was found and what would be right.
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
    """Return the key under which this form, sent again from the same browser with the same content, is one chat.

    Args:
        given: As for `read`; without a `form_key` every time is a chat of its own.
        browser: A secret of the browser's: nobody else gets at the chat, even with the form's key.
    """
    key = given.get("form_key")
    if not isinstance(key, str) or not key or not browser:
        return None
    content = writing.text([browser, key, {name: given.get(name) for name in TEXTS}], sort_keys=True)
    return f"consumer:{hashlib.sha256(content.encode()).hexdigest()}"


def problems_of_data(given: Mapping[str, Any], *, signer: Signer, now: datetime) -> Mapping[str, str]:
    """Return what is wrong with the custom data, before somebody has filled in the rest for nothing."""
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
        return f"“{value}” is no phone number; write it like +1 222 333 4444."
    if name == "email" and value and not _EMAIL.fullmatch(value):
        return f"“{value}” is no e-mail; write it like james.bond@example.com."
    return None


def _wrong_queue(value: str, queues: Sequence[str]) -> str | None:
    if not value and not queues:
        return None
    if value in queues:
        return None
    known = ", ".join(queues) or "none yet"
    return f"“{value}” is no queue; there are: {known}." if value else f"Choose one of: {known}."
