"""What is asked for by its id: the answer counts only when it is about that id, and "gone" is an answer too.

Source: docs/reference/generic-api.md, Wrong hits.
"""

from collections.abc import Sequence

from host.crm.response.classify import Meaning, Outcome
from host.crm.response.hit_check import Verdict
from host.crm.response.hits import Hit
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.quoting import as_text
from host.crm.templates.variables import Context
from host.sessions.model import CrmId

GONE = 410
"""There was one, and it will not come back."""


def asked_for(name: str, context: Context) -> CrmId | None:
    """Return the id that an endpoint asks for; None for one that asks by something else."""
    ids = {"find_account_by_id": context.account_id, "find_record_by_id": context.record_id}
    return ids.get(name)


def read_as(outcome: Outcome, status: int, asked: CrmId | None) -> Outcome:
    """Return what an answer means to who has asked by id: "gone" is no match, and no failure."""
    if asked is not None and status == GONE and outcome.meaning is Meaning.REJECTED:
        return Outcome(Meaning.NOT_FOUND, outcome.reason)
    return outcome


def of_id(hits: Sequence[Hit], asked: CrmId, endpoint: Endpoint) -> Verdict:
    """Keep the hits that are what was asked for; another one may be a stranger, or what it was merged into.

    Args:
        hits: As `response.read` gives them.
        asked: The id in the request.
        endpoint: Its `verify_match`.
    """
    if not endpoint.verify_match:
        return Verdict(list(hits), [])
    kept = [hit for hit in hits if as_text(hit.id) == as_text(asked)]
    dropped = [f"{as_text(hit.id)}: is not {as_text(asked)}, which was asked for" for hit in hits if hit not in kept]
    return Verdict(kept, dropped)
