"""The create-once rule: resolves an unknown outcome by a search, by sending again, or by a person's decision.

Source: docs/reference/generic-api.md, Create-once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from host.crm.exchange import saved_values
from host.crm.exchange.intent_client import IntentClient
from host.crm.request.build import render
from host.crm.request.request import NotSent
from host.crm.response import hits as response
from host.crm.response.classify import Meaning, classify
from host.crm.settings.endpoint import Endpoint, OnUnknown
from host.crm.templates.variables import Context
from host.errors import AskPersonError, NotYetKnownError
from host.gate import writing
from host.sessions.model import CrmId

READ_METHODS = frozenset({"GET", "SEARCH"})
"""Methods that change nothing; a step may use one."""
_REPLACES = frozenset({"PUT", "PATCH", "DELETE"})
TIMEOUTS_TO_SETTLE = 6


class Resolution(Enum):
    """How an unknown outcome is resolved."""

    USE = "use what was found"
    LOOK_AGAIN = "look for it again"
    SEND_AGAIN = "send it again"
    ASK = "ask a person"


@dataclass(frozen=True)
class MarkerSearch:
    """The result of a search for something that we may have created."""

    is_possible: bool
    """Whether a search is possible."""
    id: CrmId | None = None
    saved: Mapping[str, Any] = field(default_factory=dict)
    """The values that the endpoint would have saved from its answer, read from the hit."""
    attachment: CrmId | None = None
    """For an upload: the file's id or download URL, read from the hit."""


NOTHING_TO_SEARCH_BY = MarkerSearch(is_possible=False)
NOT_THERE = MarkerSearch(is_possible=True)


def settles_at(endpoint: Endpoint, sent_at: datetime) -> datetime:
    """Return the time after which the CRM will no longer act on a request that it received."""
    return sent_at + timedelta(seconds=max(endpoint.settle_s, TIMEOUTS_TO_SETTLE * endpoint.timeout_s))


def after_search(search: MarkerSearch, *, has_settled: bool, on_unknown: OnUnknown) -> Resolution:
    """Decide after a search.

    Args:
        search: Its result.
        has_settled: Whether `settle_s` had passed when the search began.
        on_unknown: The setting for the case that no search is possible.
    """
    if search.id is not None:
        return Resolution.USE
    if not search.is_possible and on_unknown == "ask":
        return Resolution.ASK
    return Resolution.SEND_AGAIN if has_settled else Resolution.LOOK_AGAIN


def is_idempotent(name: str, endpoint: Endpoint) -> bool:
    """Tell whether sending a request twice leaves the same state.

    Two PUTs of a comment make two comments; two PUTs of an update set the same values.

    Args:
        name: `update_record`, or `update_record, step 2`.
        endpoint: Its `idempotent` wins.
    """
    if endpoint.idempotent is not None:
        return endpoint.idempotent
    return endpoint.method in READ_METHODS or (name.startswith("update_record") and endpoint.method in _REPLACES)


def settle(client: IntentClient, name: str, endpoint: Endpoint, search: MarkerSearch) -> CrmId | None:
    """Resolve an unknown outcome after a search.

    Returns:
        The id that was found; None: send again, with the same key.

    Raises:
        AskPersonError: Only a person can decide.
        NotYetKnownError: It is too early to decide.
    """
    work = client.work
    until = settles_at(endpoint, work.intent.sent_at or work.intent.created_at)
    on_unknown = "resend" if is_idempotent(name, endpoint) else endpoint.on_unknown
    match after_search(search, has_settled=work.now >= until, on_unknown=on_unknown):
        case Resolution.USE:
            work.trace_decision(name, f"it had been done: {search.id} is used")
            return search.id
        case Resolution.SEND_AGAIN:
            work.trace_decision(name, "it was not done in the time it had: it is sent again, with the same key")
            return None
        case Resolution.ASK:
            reason = "it is not known whether the CRM has done it, and there is nothing to search by"
            raise AskPersonError(name, reason)
        case _:
            raise NotYetKnownError(name, until)


def search_by_marker(client: IntentClient, name: str, endpoint: Endpoint, context: Context) -> MarkerSearch:
    """Search for a comment or an upload by its marker, with the endpoint's alternatives.

    Raises:
        CrmError: The CRM failed.
    """
    search = NOTHING_TO_SEARCH_BY
    variables = client.variables(name, context, for_find=True)
    for alternative in endpoint.alternatives:
        request = render(alternative, variables)
        if isinstance(request, NotSent):
            continue
        answer = client.send(name, request)
        outcome = classify(alternative, answer, for_find=True, values=variables, now=client.work.now)
        if outcome.meaning not in {Meaning.OK, Meaning.NOT_FOUND}:
            raise client.refusal(name, request, answer, outcome)
        is_match = outcome.meaning is Meaning.OK
        hits = response.read(alternative, answer, variables, name=name) if is_match else []
        carrying = [hit for hit in hits if (context.marker or "") in writing.typed(hit.object)]
        words = "found by its marker" if carrying else "none of the hits carries the marker" if hits else "not there"
        client.trace(name, request, answer, [hit.id for hit in hits], words)
        if carrying:
            values = saved_values.with_whole_urls(
                saved_values.of_hit(endpoint, carrying[0], alternative), endpoint, request.url
            )
            attachment = saved_values.attachment_of_hit(endpoint, carrying[0], request.url)
            return MarkerSearch(is_possible=True, id=carrying[0].id, saved=values, attachment=attachment)
        if not hits:
            search = NOT_THERE
    return search
