"""What follows when nobody knows whether the CRM has done it: look for it, send it again, or ask a person.

Source: 30-generic-api.md, create-once (d) and (e).
"""

from host.crm import response, saved
from host.crm.body import render
from host.crm.calling import Caller
from host.crm.endpoint import Endpoint
from host.crm.failure import AskPersonError, NotYetKnownError
from host.crm.intents import CrmId
from host.crm.once import NOT_THERE, NOTHING_TO_SEARCH_BY, Next, Search, after_search, settles_at
from host.crm.outcome import Meaning, classify
from host.crm.request import NotSent
from host.crm.variables import Context
from host.gate import writing

READS = frozenset({"GET", "SEARCH"})
"""Methods that change nothing: a step may be one."""
_REPLACES = frozenset({"PUT", "PATCH", "DELETE"})


def is_idempotent(name: str, endpoint: Endpoint) -> bool:
    """Tell whether sending it twice leaves the same state.

    A comment that is put is there twice all the same; what an update sets is set.

    Args:
        name: `update_record`, or `update_record, step 2`.
        endpoint: Its own word counts first.
    """
    if endpoint.idempotent is not None:
        return endpoint.idempotent
    return endpoint.method in READS or (name.startswith("update_record") and endpoint.method in _REPLACES)


def settle(caller: Caller, name: str, endpoint: Endpoint, search: Search) -> CrmId | None:
    """Decide after a search for what may have been done.

    Returns:
        The id of what was found; None: send it again, with the same key.

    Raises:
        AskPersonError: Only a person can tell.
        NotYetKnownError: It is too early.
    """
    work = caller.work
    until = settles_at(endpoint, work.intent.sent_at or work.intent.created_at)
    on_unknown = "resend" if is_idempotent(name, endpoint) else endpoint.on_unknown
    match after_search(search, has_settled=work.now >= until, on_unknown=on_unknown):
        case Next.USE:
            work.decide(name, f"it had been done: {search.id} is used")
            return search.id
        case Next.SEND_AGAIN:
            work.decide(name, "it was not done in the time it had: it is sent again, with the same key")
            return None
        case Next.ASK:
            reason = "it is not known whether the CRM has done it, and there is nothing to search by"
            raise AskPersonError(name, reason)
        case _:
            raise NotYetKnownError(name, until)


def search_by_marker(caller: Caller, name: str, endpoint: Endpoint, context: Context) -> Search:
    """Look for a comment or an upload by its marker, with the endpoint's alternatives.

    Raises:
        CrmError: The CRM failed.
    """
    search = NOTHING_TO_SEARCH_BY
    variables = caller.variables(name, context, for_find=True)
    for alternative in endpoint.alternatives:
        request = render(alternative, variables)
        if isinstance(request, NotSent):
            continue
        answer = caller.ask(name, request)
        outcome = classify(alternative, answer, for_find=True, values=variables, now=caller.work.now)
        if outcome.meaning not in {Meaning.OK, Meaning.NOT_FOUND}:
            raise caller.refusal(name, request, answer, outcome)
        is_match = outcome.meaning is Meaning.OK
        hits = response.read(alternative, answer, variables, name=name) if is_match else []
        carrying = [hit for hit in hits if (context.marker or "") in writing.typed(hit.object)]
        words = "found by its marker" if carrying else "none of the hits carries the marker" if hits else "not there"
        caller.trace(name, request, answer, [hit.id for hit in hits], words)
        if carrying:
            values = saved.with_whole_urls(saved.of_hit(endpoint, carrying[0], alternative), endpoint, request.url)
            attachment = saved.attachment_of_hit(endpoint, carrying[0], request.url)
            return Search(is_possible=True, id=carrying[0].id, saved=values, attachment=attachment)
        if not hits:
            search = NOT_THERE
    return search
