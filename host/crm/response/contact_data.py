"""Finds phone numbers and e-mails in a hit, in any spelling that people and CRMs use.

There are two questions about a value. May it be the searched number? Then the name of its key does not matter. Is it
certainly a phone number, so that a different number rules the hit out? Then its form and its key must fit.

Source: docs/reference/generic-api.md, Wrong hits.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from host import phone
from host.crm.response import json_path
from host.crm.response.hits import Hit
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.quoting import as_text

Kind = str
"""`phone` or `email`: the keys of `match_fields`."""

KEY_OF_ID = "id"
DEPTH_MAX = 12
TEXT_MAX = phone.LONGEST_TEXT
_PHONE_DIGITS = range(7, 16)
_EMAIL = re.compile(r"[^@\s<>,;:\"()]+@[^@\s<>,;:\"()]+")
_MASKED_EMAIL = re.compile(r"\*{2}|•|…")
_AROUND_EMAIL = re.compile(r"^(?:mailto:|[^<>@]*<)|>$", re.IGNORECASE)
"""`mailto:` before it, or a name and angle brackets."""
_MAIL_KEY = re.compile(r"mail", re.IGNORECASE)
_LABEL = re.compile(
    r"^\s*(?:tel|phone|mobile|mobil|cell|fax|callto|whatsapp)\w*\.?\s*:?\s*|\s*\([^()\d]*\)\s*$", re.IGNORECASE
)
_WORDS_AROUND = re.compile(r"^[^\d+(\[*]{0,20}|\D{0,20}$")
_SIGNS = r"\s()\[\].\-/\u2010-\u2015\u2212·"
_PHONE = re.compile(rf"\+?[\d{_SIGNS}]{{7,}}")
_PHONE_OR_STARS = re.compile(rf"[+*]?[\d*{_SIGNS}]{{3,}}")
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}(?!\d)"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$"
)
_IP_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")
_PHONE_WORD = re.compile(
    r"\w*phone(?:s|numbers?|no|nr|num)?|(?!auto|immo)\w*mobil(?:es?)?|\w*telefo(?:n|ne|no|on|nnummer)|rufnummer|handy"
    r"|whatsapp|msisdn|cells?|tel|fax|ani"
)
_NUMBER_WORD = re.compile(r"\w*(?:number|numbers|no|nr|num|value|e164|formatted|national|international|raw|text)")
_OTHER_KEY = re.compile(
    r"(?:^|[_\-.])(?:id|ids|uuid|key|number|no|nr|zip|zipcode|postcode|time|date|timestamp|at|on)$"
    r"|(?:Id|ID|At|On|Date|Time|Number)$"
    r"|^(?:created|updated|modified|amount|total|count|version|postal_?code)"
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_]+")


@dataclass(frozen=True)
class Value:
    """One scalar of a hit."""

    keys: tuple[str, ...]
    """The path of keys to it, without list indexes."""
    text: str
    is_text: bool
    """Whether its JSON type is string and not number."""

    @property
    def key(self) -> str:
        """The innermost key."""
        return self.keys[-1] if self.keys else ""


@dataclass(frozen=True)
class ContactValues:
    """A hit's values of one kind."""

    certain: Sequence[str]
    """Values that are of this kind; when none of them agrees, the hit is another person."""
    possible: Sequence[str] = ()
    """Values that may be of this kind; they count only when they agree."""


def phones(hit: Hit, values: Sequence[Value], endpoint: Endpoint, searched: str, region: str) -> ContactValues:
    """Return a hit's phone numbers.

    Args:
        hit: One hit.
        values: All its values, as `values_of` returns them.
        endpoint: Its `match_fields` name the locations; without them all values that look like a phone are taken.
        searched: A value that may be this number is in `possible`, whatever its form.
        region: The region of numbers without a country code.
    """
    if "phone" in endpoint.match_fields:
        return ContactValues(_named(hit, endpoint.match_fields["phone"]))
    needed = len(phone.national_digits(searched, region))
    certain = [value.text for value in values if _is_phone(value)]
    return ContactValues(certain, [value.text for value in values if _may_be_phone(value, searched, needed)])


def emails(hit: Hit, values: Sequence[Value], endpoint: Endpoint) -> ContactValues:
    """Return a hit's e-mails without names; masked ones are left out. For the arguments see `phones`."""
    if "email" in endpoint.match_fields:
        texts = _named(hit, endpoint.match_fields["email"])
        return ContactValues([each for text in texts for each in _emails_in(text) or [text]])
    found = []
    for value in values:
        if "@" not in value.text:
            continue
        bare = _AROUND_EMAIL.sub("", value.text)
        if _MAIL_KEY.search(value.key) or _EMAIL.fullmatch(bare):
            found += _emails_in(bare)
    return ContactValues(found)


def values_of(hit: Hit) -> Iterator[Value]:
    """Yield all scalars of a hit; a hit that is a bare id has the key `id`."""
    inside = isinstance(hit.object, dict | list)
    return values_in(hit.object, () if inside else (KEY_OF_ID,))


def values_in(value: Any, keys: tuple[str, ...] = (), depth: int = 0) -> Iterator[Value]:
    """Yield the strings and whole numbers of a JSON value."""
    if depth > DEPTH_MAX or value is None or isinstance(value, bool):
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from values_in(inner, (*keys, str(name)), depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from values_in(inner, keys, depth + 1)
    elif isinstance(value, str):
        yield Value(keys, _visible(value), is_text=True)
    elif isinstance(value, int) or value.is_integer():
        yield Value(keys, as_text(int(value)), is_text=False)


def _named(hit: Hit, locations: Sequence[str]) -> list[str]:
    found = (json_path.parse(location).find(hit.object) for location in locations)
    texts = (value.text for each in found for value in values_in(each))
    return [text for text in texts if 0 < len(text) <= TEXT_MAX]


def _emails_in(text: str) -> list[str]:
    return [each for each in _EMAIL.findall(text[: TEXT_MAX * 5]) if not _MASKED_EMAIL.search(each)]


def _is_phone(value: Value) -> bool:
    """Tell whether a value is a phone number: by its key, else by its form."""
    if len(value.text) > TEXT_MAX:
        return False
    if _is_phone_key(value.keys):
        return _has_number(value.text)
    if not value.is_text:
        return False
    bare = _bare(value.text)
    looks_like_one = _PHONE.fullmatch(bare) and len(phone.digits(bare)) in _PHONE_DIGITS
    if not looks_like_one or _is_something_else(bare):
        return False
    return bare.startswith(("+", "(")) or not _OTHER_KEY.search(value.key)


def _may_be_phone(value: Value, searched: str, whole: int) -> bool:
    """Tell whether a value may be the searched number.

    Args:
        value: Under the key of an id or a date it must have all digits of the national number.
        searched: As received.
        whole: How many digits the national number has.
    """
    if len(value.text) > TEXT_MAX:
        return False
    if _is_phone_key(value.keys) or value.text == searched:
        return True
    if len(value.text) < phone.EQUAL_DIGITS or not _PHONE_OR_STARS.fullmatch(_alone(value.text)):
        return False
    needed = whole if _OTHER_KEY.search(value.key) else phone.AGREE_DIGITS
    return len(phone.digits(value.text)) >= max(needed, phone.EQUAL_DIGITS)


@lru_cache(maxsize=4096)
def _is_phone_key(keys: tuple[str, ...]) -> bool:
    """Tell whether the keys name a phone number: `phone`, `WorkPhone2`, `mobile_no`, `phones` / `number`."""
    if not keys:
        return False
    words = _words(keys[-1])
    if not words:
        return False
    if _PHONE_WORD.fullmatch(words[-1]):
        return True
    around = [*words[:-1], *(word for key in keys[:-1] for word in _words(key)[-1:])]
    return bool(_NUMBER_WORD.fullmatch(words[-1])) and any(_PHONE_WORD.fullmatch(word) for word in around)


def _words(key: str) -> list[str]:
    """Return a key's words in lower case, without numbers: `WorkPhone2` is work, phone."""
    return [word.lower() for word in _WORDS.findall(key) if not word.isdigit()]


def _has_number(text: str) -> bool:
    """Tell whether a text under a phone's key holds a number: `ask for Bob at 12` doesn't, `911` does."""
    is_long = len(phone.digits(text)) >= phone.AGREE_DIGITS
    return is_long or bool(_PHONE_OR_STARS.fullmatch(_bare(text)))


def _is_something_else(text: str) -> bool:
    return bool(_DATE.match(text) or _IP_ADDRESS.fullmatch(text))


def _bare(text: str) -> str:
    """Return a number without label and extension: `Mobile: +1 222 333 4444 x12` is `+1 222 333 4444`."""
    return phone.without_extension(_LABEL.sub("", text)).strip()


def _alone(text: str) -> str:
    """Return a number without the words around it: `Tel. 222 333 4444 (home)` is `222 333 4444`."""
    return _WORDS_AROUND.sub("", phone.without_extension(text))


def _visible(text: str) -> str:
    """Remove invisible format characters, which copied numbers often contain."""
    if text.isascii():
        return text.strip()
    return "".join(character for character in text if unicodedata.category(character) != "Cf").strip()
