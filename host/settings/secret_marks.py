"""Replaces `{"secret": "set"}` by stored secrets, and encrypts the secrets of a section."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, SecretStr

from host.schema import SECRET_IS_SET
from host.settings.problems import Location, path_of
from host.settings.secrets import Secrets, is_token

IDENTITY = ("key", "name", "email", "url")  # keys by which an entry of a list is found in the stored list


def with_stored(given: Any, stored: Any, problems: dict[str, str], location: Location = ()) -> Any:
    """Return the given JSON with stored secrets in place of `{"secret": "set"}`.

    Args:
        given: JSON of the file.
        stored: The stored JSON of the same place, secrets as plain text; None: nothing is stored.
        problems: Receives the paths where no secret is stored, or an encrypted one was given.
        location: The place in the file.
    """
    if given == SECRET_IS_SET:
        if isinstance(stored, str) and stored:
            return stored
        problems[path_of(location)] = 'found {"secret": "set"}, but no secret is stored here; give it as text'
        return ""
    if is_token(given):
        problems[path_of(location)] = 'found an encrypted secret; allowed: the secret as text, or {"secret": "set"}'
        return ""
    if isinstance(given, dict):
        above = stored if isinstance(stored, dict) else {}
        return {key: with_stored(each, above.get(key), problems, (*location, key)) for key, each in given.items()}
    if isinstance(given, list):
        return [
            with_stored(each, _counterpart(each, index, stored), problems, (*location, index))
            for index, each in enumerate(given)
        ]
    return given


def encrypted(value: Any, valid: Any, secrets: Secrets) -> Any:
    """Return a section's JSON with its secrets encrypted.

    Args:
        value: The section as given, secrets as plain text.
        valid: The same section, validated; its types tell which values are secrets.
        secrets: Encrypts.
    """
    whole = [_copied(value)]
    for *above, last in _secrets_of(valid, (0,)):
        holder: Any = whole
        for step in above:
            holder = holder[step]
        if text := holder[last]:
            holder[last] = secrets.encrypt(text)
    return whole[0]


def _secrets_of(value: Any, location: Location) -> Iterator[Location]:
    """Yield the places of given secrets; defaults hold none."""
    if isinstance(value, SecretStr):
        yield location
    elif isinstance(value, BaseModel):
        for name in value.model_fields_set:
            key = type(value).model_fields[name].alias or name
            yield from _secrets_of(getattr(value, name), (*location, key))
    elif isinstance(value, tuple):
        for index, each in enumerate(value):
            yield from _secrets_of(each, (*location, index))


def _counterpart(each: Any, index: int, stored: Any) -> Any:
    if not isinstance(stored, list):
        return None
    if isinstance(each, dict):
        for name in IDENTITY:
            if name in each:
                return next((one for one in stored if isinstance(one, dict) and one.get(name) == each[name]), None)
    return stored[index] if index < len(stored) else None


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value
