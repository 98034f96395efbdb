"""Answers to a find by id: only the requested id counts, and 410 means that there is no match.

Source: docs/reference/generic-api.md, Wrong hits.
"""

from collections.abc import Sequence

from host.crm.response.classify import Meaning, Outcome
from host.crm.response.hits import Hit
from host.crm.response.wrong_hit_guard import Verdict
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.quoting import as_text
from host.crm.templates.variables import Context
from host.sessions.model import CrmId

GONE = 410
"""The HTTP status for what was deleted for good."""


def requested_id(name: str, context: Context) -> CrmId | None:
    """Return the id that an endpoint searches by; None for an endpoint that searches by other values."""
    ids = {"find_account_by_id": context.account_id, "find_record_by_id": context.record_id}
    return ids.get(name)


def adapt_outcome(outcome: Outcome, status: int, asked: CrmId | None) -> Outcome:
    """Return what an answer to a find by id means: 410 is no match instead of a failure."""
    if asked is not None and status == GONE and outcome.meaning is Meaning.REJECTED:
        return Outcome(Meaning.NOT_FOUND, outcome.reason)
    return outcome


def keep_requested(hits: Sequence[Hit], asked: CrmId, endpoint: Endpoint) -> Verdict:
    """Keep the hits with the requested id; another id may be a stranger, or the target of a merge.

    Args:
        hits: As `hits.read` returns them.
        asked: The id in the request.
        endpoint: Its `verify_match`.
    """
    if not endpoint.verify_match:
        return Verdict(list(hits), [])
    kept = [hit for hit in hits if as_text(hit.id) == as_text(asked)]
    dropped = [f"{as_text(hit.id)}: is not {as_text(asked)}, which was asked for" for hit in hits if hit not in kept]
    return Verdict(kept, dropped)
