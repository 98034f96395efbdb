"""What a hit carries that tells whose it is: phone numbers and e-mails, as people and CRMs write them.

Two questions are asked of a value. Whether it may be the number that was searched: for that a field may be called what
it likes. And whether it is a phone number at all, so that another number in it speaks against the hit: for that form
and key have to fit.

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
    """The keys that lead to it, without the indexes of lists."""
    text: str
    is_text: bool
    """Whether it came as a text rather than as a number."""

    @property
    def key(self) -> str:
        """The innermost key."""
        return self.keys[-1] if self.keys else ""


@dataclass(frozen=True)
class Carried:
    """What a hit carries of one kind."""

    surely: Sequence[str]
    """What is of that kind: if none of them agrees, the hit is somebody else."""
    maybe: Sequence[str] = ()
    """What counts only if it agrees."""


def phones(hit: Hit, values: Sequence[Value], endpoint: Endpoint, searched: str, region: str) -> Carried:
    """Return a hit's phone numbers.

    Args:
        hit: What was found.
        values: All that is in it, as `of_hit` gives them.
        endpoint: Its `match_fields` say where they stand; without them whatever looks like one is taken.
        searched: Values that may be this number count as `maybe`, whatever they look like.
        region: Where numbers without country code belong.
    """
    if "phone" in endpoint.match_fields:
        return Carried(_named(hit, endpoint.match_fields["phone"]))
    needed = len(phone.national_digits(searched, region))
    surely = [value.text for value in values if _is_phone(value)]
    return Carried(surely, [value.text for value in values if _may_be_phone(value, searched, needed)])


def emails(hit: Hit, values: Sequence[Value], endpoint: Endpoint) -> Carried:
    """Return a hit's e-mails, bare; masked ones are none. The arguments are those of `phones`."""
    if "email" in endpoint.match_fields:
        texts = _named(hit, endpoint.match_fields["email"])
        return Carried([each for text in texts for each in _emails_in(text) or [text]])
    found = []
    for value in values:
        if "@" not in value.text:
            continue
        bare = _AROUND_EMAIL.sub("", value.text)
        if _MAIL_KEY.search(value.key) or _EMAIL.fullmatch(bare):
            found += _emails_in(bare)
    return Carried(found)


def of_hit(hit: Hit) -> Iterator[Value]:
    """Yield all scalars of a hit; one that is nothing but its id stands under `id`."""
    inside = isinstance(hit.object, dict | list)
    return values_in(hit.object, () if inside else (KEY_OF_ID,))


def values_in(value: Any, keys: tuple[str, ...] = (), depth: int = 0) -> Iterator[Value]:
    """Yield all scalars of a JSON value but true, false, null and what is no whole number."""
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
    """Tell whether it is a phone number: by its key, and where that says little, by its form."""
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
    """Tell whether it may be the searched number.

    Args:
        value: Under the key of an id or a date, only the whole number counts.
        searched: As it came.
        whole: How many digits it has inside its country.
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
    """Tell whether a key speaks of a phone number: `phone`, `WorkPhone2`, `mobile_no`, `phones` / `number`."""
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
    """Return a number without the few words around it: `Tel. 222 333 4444 (home)` is `222 333 4444`."""
    return _WORDS_AROUND.sub("", phone.without_extension(text))


def _visible(text: str) -> str:
    """Cut away marks of direction and the like, which come along when numbers are copied."""
    if text.isascii():
        return text.strip()
    return "".join(character for character in text if unicodedata.category(character) != "Cf").strip()
