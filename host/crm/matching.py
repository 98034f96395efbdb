"""The wrong-hit guard: a stranger's record is never popped.

Some systems ignore a filter that they don't know and answer everything.

Source: 30-generic-api.md, Wrong hits.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from host import phone
from host.crm import paths
from host.crm.endpoint import Endpoint
from host.crm.quoting import as_text
from host.crm.request import Searched
from host.crm.response import Hit

_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
_PHONE = re.compile(r"\+?[\d\s().\-/]{7,}")
_PHONE_DIGITS = range(7, 16)
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")
_PHONE_KEY = re.compile(r"phone|mobile|cell|tel|fax|msisdn|whatsapp|ani\b", re.IGNORECASE)
_OTHER_KEY = re.compile(
    r"(?:^|[_\-.])(?:id|ids|uuid|key|number|no|nr|zip|zipcode|postcode|time|date|timestamp|at|on)$"
    r"|(?:Id|ID|At|On|Date|Time|Number)$"
    r"|^(?:created|updated|modified|amount|total|count|version|postal_?code)"
)
_ACCOUNT_KEY = re.compile(r"account|contact|customer|client|person|partner|requester|caller", re.IGNORECASE)
_DEPTH_MAX = 12
_ID_MIN = 5


@dataclass(frozen=True)
class Verdict:
    """Which hits count."""

    kept: list[Hit]
    dropped: list[str]
    """Why, one reason for each hit that doesn't; without personal data."""
    note: str | None = None
    """A doubt for the trace about what was kept."""


@dataclass(frozen=True)
class _Carried:
    phones: list[str]
    emails: list[str]


def verify(hits: Sequence[Hit], searched: Searched, endpoint: Endpoint, region: str = "US") -> Verdict:
    """Keep the hits that can be whom we searched.

    A hit that carries phones or e-mails counts when one of them agrees; one that carries neither counts only when it is
    the only hit.

    Args:
        hits: As `response.read` gives them.
        searched: Of the request that found them.
        endpoint: Its `verify_match` and `match_fields`.
        region: Where numbers without country code belong.
    """
    if not endpoint.verify_match or not hits:
        return Verdict(list(hits), [])
    kept, dropped = [], []
    unsure: list[Hit] = []
    for hit in hits:
        answer = _agrees(hit, searched, endpoint, region)
        if answer is None:
            unsure.append(hit)
        elif answer:
            kept.append(hit)
        else:
            dropped.append(f"{hit.id}: its phone numbers and e-mails are not those that were searched")
    if unsure and len(hits) == 1:
        return Verdict(unsure, [], f"{unsure[0].id} carries nothing that could be compared; taken as the only hit")
    dropped += [f"{hit.id}: carries nothing that could be compared, and is not the only hit" for hit in unsure]
    return Verdict([hit for hit in hits if hit in kept], dropped)


def of_account(hits: Sequence[Hit], account_id: Any, endpoint: Endpoint) -> Verdict:
    """Keep the records that can belong to an account: one that names others and not this one is a stranger's.

    Args:
        hits: Records, as `response.read` gives them.
        account_id: By which they were searched; None: by something else, so that all count.
        endpoint: Its `verify_match`.
    """
    if not endpoint.verify_match or account_id is None:
        return Verdict(list(hits), [])
    dropped = [hit for hit in hits if _is_of_another(hit, as_text(account_id))]
    return Verdict(
        [hit for hit in hits if hit not in dropped], [f"{hit.id}: belongs to another account" for hit in dropped]
    )


def _is_of_another(hit: Hit, account_id: str) -> bool:
    named = [as_text(value) for key, value in _values("", hit.object) if _ACCOUNT_KEY.search(key)]
    return bool(named) and account_id not in named


def _agrees(hit: Hit, searched: Searched, endpoint: Endpoint, region: str) -> bool | None:
    """Tell whether a hit is whom we searched; None when nothing can be compared."""
    if _carries_id(hit, searched.ids):
        return True
    if not searched.phone and not searched.email:
        return None
    carried = _named(hit.object, endpoint) if endpoint.match_fields else _guessed(hit)
    if not carried.phones and not carried.emails:
        return None
    if searched.email and searched.email.casefold() in {email.strip().casefold() for email in carried.emails}:
        return True
    return bool(searched.phone) and any(phone.agree(searched.phone, number, region) for number in carried.phones)


def _carries_id(hit: Hit, ids: frozenset[str]) -> bool:
    """Tell whether a hit is, or names, what was searched; short values such as 7 stand for too many things."""
    texts = (as_text(value) for _, value in _values("", hit.object))
    return as_text(hit.id) in ids or any(len(text) >= _ID_MIN and text in ids for text in texts)


def _named(value: Any, endpoint: Endpoint) -> _Carried:
    """Return what stands in the fields that the admin named."""
    found: dict[str, list[str]] = {"phone": [], "email": []}
    for kind, locations in endpoint.match_fields.items():
        for location in locations:
            at = paths.parse(location).find(value)
            found[kind] += [as_text(each) for _, each in _values("", at) if as_text(each).strip()]
    return _Carried(found["phone"], found["email"])


def _guessed(hit: Hit) -> _Carried:
    """Return every value that looks like a phone number or an e-mail, the id aside."""
    if not isinstance(hit.object, dict | list):
        return _Carried([], [])
    pairs = [(key, value) for key, value in _values("", hit.object) if value != hit.id]
    texts = [as_text(value).strip() for _, value in pairs]
    phones = [as_text(value).strip() for key, value in pairs if _looks_like_a_phone(key, value)]
    return _Carried(phones, [text for text in texts if _EMAIL.fullmatch(text)])


def _looks_like_a_phone(key: str, value: Any) -> bool:
    """Tell whether it may be a phone number: by its form, and where that says little, by its key."""
    text = as_text(value).strip()
    digits = sum(character.isdigit() for character in text)
    if not _PHONE.fullmatch(text) or digits not in _PHONE_DIGITS or _DATE.match(text):
        return False
    if _PHONE_KEY.search(key):
        return True
    return isinstance(value, str) and (text.startswith(("+", "(")) or not _OTHER_KEY.search(key))


def _values(key: str, value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield all scalars of a JSON value with the keys under which they stand."""
    if depth > _DEPTH_MAX or value is None or isinstance(value, bool | float):
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _values(str(name), inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(key, inner, depth + 1)
    else:
        yield key, value
