"""The wrong-hit guard: refuses hits that belong to another person than the one who was searched for.

Some CRMs ignore a filter that they don't know and return all rows.

Source: docs/reference/generic-api.md, Wrong hits.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from host import phone
from host.crm.request.request import SearchedBy
from host.crm.response import contact_data
from host.crm.response.contact_data import Value
from host.crm.response.hits import Hit
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.quoting import as_text

_ACCOUNT_KEY = re.compile(r"account|contact|customer|client|person|partner|requester|caller", re.IGNORECASE)
_ID_MIN = 5
_NAMED_MAX = 3


@dataclass(frozen=True)
class Verdict:
    """The hits that count, and why the others do not."""

    kept: list[Hit]
    dropped: list[str]
    """One reason for each hit that does not count; without personal data."""
    note: str | None = None
    """A doubt about the kept hits, for the trace."""

    @property
    def reasons(self) -> list[str]:
        """The reasons of `dropped`, grouped: a CRM that ignores a filter returns many hits with the same reason."""
        by_reason: dict[str, list[str]] = {}
        for hit, _, reason in (each.partition(": ") for each in dict.fromkeys(self.dropped)):
            by_reason.setdefault(reason, []).append(hit)
        return [f"{_listed(hits)}: {reason}" for reason, hits in by_reason.items()]


def verify(
    hits: Sequence[Hit], searched: SearchedBy, endpoint: Endpoint, region: str = "US", *, more: str = ""
) -> Verdict:
    """Keep the hits that can be the person who was searched for.

    A hit counts when it has the searched phone number or e-mail, and is a stranger when it has only other values of
    that kind. A hit without values of a searched kind counts only when it is the only hit of the whole search.

    Args:
        hits: Of the whole search, as `hits.read` returns them.
        searched: From the request that found them.
        endpoint: Its `verify_match` and `match_fields`.
        region: The region of numbers without a country code.
        more: Why there may be more hits than these: `the CRM tells of 17`; empty when there is no sign of it.
    """
    if not endpoint.verify_match or not hits:
        return Verdict(list(hits), [])
    agreeing = [(hit, _agrees(hit, searched, endpoint, region)) for hit in hits]
    unsure = [hit for hit, agrees in agreeing if agrees is None]
    what = _searched_kinds(searched)
    if len(unsure) == len(hits) and not more and len({as_text(hit.id) for hit in hits}) == 1:
        return Verdict(list(hits), [], f"{unsure[0].id} carries no {what} to compare; taken as the only hit")
    dropped = [f"{hit.id}: carries another {what} than was searched" for hit, agrees in agreeing if agrees is False]
    why = more or "there are other hits"
    dropped += [f"{hit.id}: carries no {what} to compare, and {why}" for hit in unsure]
    return Verdict([hit for hit, agrees in agreeing if agrees], dropped)


def keep_of_account(hits: Sequence[Hit], account_id: Any, endpoint: Endpoint) -> Verdict:
    """Keep the records that can belong to an account; a record that names only other accounts is a stranger's.

    Args:
        hits: Records, as `hits.read` returns them.
        account_id: The account that the search named; None: it named none, so all records count.
        endpoint: Its `verify_match`.
    """
    if not endpoint.verify_match or account_id is None:
        return Verdict(list(hits), [])
    judged = [(hit, _is_of_another(hit, as_text(account_id))) for hit in hits]
    dropped = [f"{hit.id}: belongs to another account" for hit, is_strange in judged if is_strange]
    return Verdict([hit for hit, is_strange in judged if not is_strange], dropped)


def _is_of_another(hit: Hit, account_id: str) -> bool:
    named = [value.text for value in contact_data.values_in(hit.object) if _ACCOUNT_KEY.search(value.key)]
    return bool(named) and account_id not in named


def _agrees(hit: Hit, searched: SearchedBy, endpoint: Endpoint, region: str) -> bool | None:
    """Tell whether a hit is the person who was searched for; None when it has nothing to compare."""
    if _has_searched_id(hit, searched.ids):
        return True
    values = list(contact_data.values_of(hit))
    answers = [*_phones(hit, values, searched.phone, endpoint, region), *_emails(hit, values, searched.email, endpoint)]
    if True in answers:
        return True
    return False if False in answers else None


def _has_searched_id(hit: Hit, ids: frozenset[str]) -> bool:
    """Tell whether a hit has a searched id; inside the hit short values such as 7 are too ambiguous."""
    if not ids:
        return False
    texts = (value.text for value in contact_data.values_in(hit.object))
    return as_text(hit.id) in ids or any(len(text) >= _ID_MIN and text in ids for text in texts)


def _phones(hit: Hit, values: Sequence[Value], searched: str, endpoint: Endpoint, region: str) -> Iterator[bool | None]:
    if not phone.digits(searched):
        return
    found = contact_data.phones(hit, values, endpoint, searched, region)
    for text in found.certain:
        yield _compare_phones(text, searched, region)
    for text in found.possible:
        yield _compare_phones(text, searched, region) or None


def _compare_phones(text: str, searched: str, region: str) -> bool | None:
    """Compare the searched number with each number of a text."""
    answers = [phone.compare(searched, number, region) for number in phone.numbers_in(text)]
    return True if True in answers else False if False in answers else None


def _emails(hit: Hit, values: Sequence[Value], searched: str, endpoint: Endpoint) -> Iterator[bool]:
    if searched:
        yield from (_folded(each) == _folded(searched) for each in contact_data.emails(hit, values, endpoint).certain)


def _folded(email: str) -> str:
    return unicodedata.normalize("NFC", email.strip()).casefold()


def _searched_kinds(searched: SearchedBy) -> str:
    """Name the kinds that were searched."""
    kinds = {"phone number": phone.digits(searched.phone), "e-mail": searched.email}
    return " or ".join(kind for kind, value in kinds.items() if value) or "value"


def _listed(hits: Sequence[str]) -> str:
    more = len(hits) - _NAMED_MAX
    return ", ".join(hits[:_NAMED_MAX]) + (f" and {more} more" if more > 0 else "")
