"""Finds and creates accounts and records by the endpoints of the settings.

Source: docs/reference/generic-api.md, Wrong hits; docs/reference/generic-api.md, Create-once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from host.crm.auth.signed_client import SignedClient
from host.crm.exchange import saved_values
from host.crm.exchange.create_once import MarkerSearch
from host.crm.exchange.found import Found
from host.crm.exchange.intent_client import IntentClient
from host.crm.exchange.search_pages import SearchPages, read_all
from host.crm.exchange.write import write_to
from host.crm.http.answer import Answer
from host.crm.intents.leased_intent import LeasedIntent
from host.crm.request.build import renderings
from host.crm.request.custom_fields import CustomFieldSource, no_fields
from host.crm.request.request import NotSent, Request, SearchedBy
from host.crm.response import by_id, wrong_hit_guard
from host.crm.response import hits as response
from host.crm.response.classify import Meaning, classify
from host.crm.response.hit_label import choice_of
from host.crm.response.hits import Hit
from host.crm.settings.crm import CrmSettings, EndpointName
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.references import Reference
from host.crm.templates.variables import Context, Variables
from host.errors import CrmAnswerError, CrmError, UnfinishedSearchError
from host.gate import writing
from host.sessions.model import CrmId

OTHERS_MAX = 20


@dataclass(frozen=True)
class FindResult:
    """The result of a find."""

    was_searched: bool = False
    """Whether the CRM was searched: the endpoint is set, and there was a value to search by."""
    hits: Sequence[Hit] = ()
    """The hits that count, the best first."""
    seen: Sequence[CrmId] = ()
    """The ids of all hits, also of those that don't count."""
    name: str = ""
    """The endpoint's name, for errors."""
    unfinished: str = ""
    """Why the search could not be finished; empty when it is complete."""

    def best(self, counts: Callable[[Hit], bool] | None = None) -> Found | None:
        """Return the first hit, with the others as choices; None when there is none.

        Raises:
            UnfinishedSearchError: There is no hit, and not all pages were read.
        """
        hits = [hit for hit in self.hits if counts is None or counts(hit)]
        if not hits:
            self.ensure_complete()
            return None
        choices = [choice_of(hit) for hit in hits[: OTHERS_MAX + 1]]
        return Found(hits[0].id, choices=choices if len(choices) > 1 else (), saved=hits[0].saved)

    def ensure_complete(self) -> None:
        """Ensure that the search is complete, so that "not found" is certain.

        Raises:
            UnfinishedSearchError: Not all pages were read.
        """
        if self.unfinished:
            raise UnfinishedSearchError(self.name, self.unfinished)


class Exchange:
    """Finds and creates accounts and records for one intent."""

    def __init__(
        self,
        settings: CrmSettings,
        client: SignedClient,
        work: LeasedIntent,
        custom_fields: CustomFieldSource = no_fields,
    ) -> None:
        self.settings = settings
        self.work = work
        self.client = IntentClient(settings, client, work, custom_fields)

    def find(self, name: EndpointName, context: Context, **changes: Any) -> FindResult:
        """Search by the values that identify the end user, or by `changes`.

        Raises:
            CrmError: The CRM failed; no match is not a failure.
        """
        return self._search(name, replace(context, marker=None, **changes))

    def find_by_marker(self, name: EndpointName, context: Context) -> FindResult:
        """Search for the object that was created with this intent's marker.

        Raises:
            CrmError: As in `find`.
        """
        found = self._search(name, context)
        marker = context.marker or ""
        carrying = [hit for hit in found.hits if marker in writing.typed(hit.object)]
        if not carrying:
            found.ensure_complete()
        if carrying or not found.hits:
            return replace(found, hits=carrying)
        seen = self.work.intent.seen_ids or ()
        strange = SearchedBy(phone=context.phone, email=context.email)
        endpoint = self.settings.endpoint(name)
        if endpoint and len(found.hits) == 1 and found.hits[0].id not in seen:
            kept = wrong_hit_guard.verify(found.hits, strange, endpoint, region=self.settings.default_region).kept
            if kept:
                return replace(found, hits=kept)
        self.work.trace_decision(name, "the hits do not carry the marker: the search by marker does not count")
        return FindResult()

    def search_result_of(self, create: EndpointName, find: EndpointName, hit: Hit) -> MarkerSearch:
        """Return the search result for an object that we created, with the values that its create would save."""
        endpoint = self.settings.endpoint(create)
        values = saved_values.of_hit(endpoint, hit, self.settings.endpoint(find)) if endpoint else {}
        return MarkerSearch(is_possible=True, id=hit.id, saved=values)

    def searches_marker(self, name: EndpointName) -> bool:
        """Tell whether a find can search by marker."""
        endpoint = self.settings.endpoint(name)
        if endpoint is None:
            return False
        facts = Context(session_id=0, channel="chat", now=self.work.now, marker="x", account_id="x", record_id="x")
        variables = Variables(facts, for_find=True)
        return any(isinstance(each, Request) for each in renderings(endpoint, variables))

    def create(self, name: EndpointName, context: Context, seen_ids: Sequence[CrmId] | None) -> Found | None:
        """Send a create, after recording that it is sent.

        Args:
            name: create_account or create_record.
            context: With the marker.
            seen_ids: The ids that the CRM had before; None when no search was possible.

        Returns:
            The new object; None for a duplicate without an id in the answer.

        Raises:
            CrmAnswerError: The answer means success, but has no id at its location.
            CrmError: The CRM refused, or failed.
        """
        endpoint = self.settings.endpoint(name)
        if endpoint is None:
            raise CrmError(name, "is not set")
        written = write_to(self.client, name, endpoint, context, seen_ids)
        if written.is_duplicate:
            existing = response.duplicate_id(endpoint, written.answer)
            self.client.trace(name, written.request, written.answer, [existing], f"{written.reason}; id: {existing}")
            return None if existing is None else Found(existing, is_new=True)
        made = self._read_created_id(name, written.request, written.answer, self.client.variables(name, context))
        return Found(made, is_new=True, saved=written.saved)

    def _read_created_id(self, name: EndpointName, request: Request, answer: Answer, variables: Variables) -> CrmId:
        with self.client.reading_answer(name, request, answer):
            hits = response.read(request.endpoint, answer, variables, name=name)
            if not hits:
                raise CrmAnswerError(name, _nothing_there(request.endpoint, answer))
        self.client.trace(name, request, answer, [hits[0].id], f"created: {hits[0].id}")
        return hits[0].id

    def _search(self, name: EndpointName, context: Context) -> FindResult:
        endpoint = self.settings.endpoint(name)
        if endpoint is None:
            return FindResult()
        variables = self.client.variables(name, context, for_find=True)
        was_searched, seen, reasons, unfinished = False, list[CrmId](), list[str](), ""
        withheld = frozenset[Reference]()
        for request in renderings(endpoint, variables):
            self._trace_withheld(name, request.withheld - withheld)
            withheld |= request.withheld
            if isinstance(request, NotSent):
                reasons.append(request.reason)
                continue
            was_searched = True
            found = self._pages(name, request, variables)
            seen += found.seen
            unfinished = unfinished or found.unfinished
            if found.hits:
                return replace(found, seen=seen)
        if not was_searched:
            self.work.trace_decision(name, "not asked: " + "; ".join(dict.fromkeys(reasons)))
        return FindResult(was_searched, (), seen, name, unfinished)

    def _trace_withheld(self, name: EndpointName, withheld: frozenset[Reference]) -> None:
        """Trace which values are not sent because they could be syntax."""
        for each in sorted(map(str, withheld)):
            reason = f"{each} holds what could be syntax in the text around it: left out"
            self.work.trace_decision(name, f'{reason}; with the "quote" that fits, it is sent')

    def _pages(self, name: EndpointName, first: Request, variables: Variables) -> FindResult:
        """Read all pages of one search, and decide which hits count."""

        def on_page(request: Request, answer: Answer, hits: Sequence[Hit], page: int) -> None:
            self.client.trace(name, request, answer, [hit.id for hit in hits], f"page {page}, and there is more")

        read = read_all(first, lambda request: self._page(name, request, variables), on_page)
        if read.hits is None:
            return FindResult(was_searched=True)
        kept, words = self._verify(name, first, read, variables)
        if read.unfinished:
            words += f"; the search is not finished: {read.unfinished}"
        ids = [hit.id for hit in read.hits]
        self.client.trace(name, read.request, read.answer, ids, words)
        return FindResult(was_searched=True, hits=kept, seen=ids, name=name, unfinished=read.unfinished)

    def _page(self, name: EndpointName, request: Request, variables: Variables) -> tuple[Answer, list[Hit] | None]:
        """Return the hits of one page; None when the answer means no match."""
        answer = self.client.send(name, request)
        outcome = classify(request.endpoint, answer, for_find=True, values=variables, now=self.work.now)
        outcome = by_id.adapt_outcome(outcome, answer.status, by_id.requested_id(name, variables.context))
        if outcome.meaning is Meaning.NOT_FOUND:
            self.client.trace(name, request, answer, [], f"no match: {outcome.reason}")
            return answer, None
        if outcome.meaning is not Meaning.OK:
            raise self.client.refusal(name, request, answer, outcome)
        hits = self._read(name, request, answer, variables)
        return answer, response.with_saved(hits, request.endpoint, answer, name=name)

    def _read(self, name: EndpointName, request: Request, answer: Answer, variables: Variables) -> list[Hit]:
        asked = by_id.requested_id(name, variables.context)
        with self.client.reading_answer(name, request, answer):
            return response.read(request.endpoint, answer, variables, name=name, asked=asked)

    def _verify(
        self, name: EndpointName, request: Request, read: SearchPages, variables: Variables
    ) -> tuple[Sequence[Hit], str]:
        every = read.hits or ()
        if not every:
            return (), "no match"
        if name == "find_account_by_query":
            region = self.settings.default_region
            checked = wrong_hit_guard.verify(every, request.searched, request.endpoint, region=region, more=read.more)
        elif name == "find_record_by_query":
            checked = wrong_hit_guard.keep_of_account(every, variables.context.account_id, request.endpoint)
        elif (asked := by_id.requested_id(name, variables.context)) is not None:
            checked = by_id.keep_requested(every, asked, request.endpoint)
        else:
            return every, _hits_in_words(every)
        notes = [checked.note] if checked.note else []
        kept = response.without_duplicates(checked.kept)
        return kept, "; ".join([_hits_in_words(kept), *notes, *checked.reasons])


def _hits_in_words(hits: Sequence[Hit]) -> str:
    if not hits:
        return "no match"
    more = f", first of {len(hits)}" if len(hits) > 1 else ""
    return f"found: {hits[0].id}{more}"


def _nothing_there(endpoint: Endpoint, answer: Answer) -> str:
    where = endpoint.response_location or "the whole body"
    return f"answered {answer.status}, but there is nothing at {where!r} to read the id from"
