"""Asks the CRM by its endpoints: builds the request, sends it, reads the answer, writes the trace.

Source: 30-generic-api.md, Endpoints, Wrong hits, Faults.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, SecretStr

from host.crm import matching, response
from host.crm.answer import Answer
from host.crm.auth.signed import SignedClient
from host.crm.body import render, renderings
from host.crm.endpoint import Endpoint
from host.crm.flows.found import Found
from host.crm.intents import CrmId
from host.crm.model import CrmSettings, EndpointName
from host.crm.outcome import Meaning, Outcome, classify
from host.crm.request import NotSent, Request, Searched, shown
from host.crm.response import Hit
from host.crm.trace import MASK, Secrets, TraceRow
from host.crm.variables import Context, Variables
from host.crm.work import Work
from host.errors import CrmAnswerError, CrmAuthError, CrmError, CrmRejectedError, CrmUnavailableError

OTHERS_MAX = 20
READ_OUT_MAX = 1000


@dataclass(frozen=True)
class Finding:
    """What a find has brought."""

    was_asked: bool = False
    """Whether there was an endpoint, and something to search by."""
    hits: Sequence[Hit] = ()
    """Those that count, the best first."""
    seen: Sequence[CrmId] = ()
    """The ids of all hits, those that don't count too."""

    def best(self, counts: Callable[[Hit], bool] | None = None) -> Found | None:
        """Return the first hit, the others with it; None when there is none."""
        ids = [hit.id for hit in self.hits if counts is None or counts(hit)]
        return Found(ids[0], others=ids[1 : OTHERS_MAX + 1]) if ids else None


class Exchange:
    """The CRM's endpoints, for one intent."""

    def __init__(self, settings: CrmSettings, client: SignedClient, work: Work) -> None:
        self.settings = settings
        self.work = work
        self._client = client

    def endpoint(self, name: EndpointName) -> Endpoint | None:
        """Return an endpoint, or None when it isn't set."""
        return self.settings.endpoint(name)

    def find(self, name: EndpointName, context: Context, **changes: Any) -> Finding:
        """Search by what identifies the end user, or what `changes` says.

        Raises:
            CrmError: The CRM failed; no match is not a failure.
        """
        return self._search(name, replace(context, marker=None, **changes))

    def find_by_marker(self, name: EndpointName, context: Context) -> Finding:
        """Search for what was created with this intent's marker.

        Raises:
            CrmError: As `find`.
        """
        found = self._search(name, context)
        marker = context.marker or ""
        carrying = [hit for hit in found.hits if marker in json.dumps(hit.object)]
        if carrying or not found.hits:
            return replace(found, hits=carrying)
        seen = self.work.intent.seen_ids or ()
        strange = Searched(phone=context.phone, email=context.email)
        endpoint = self.endpoint(name)
        if endpoint and len(found.hits) == 1 and found.hits[0].id not in seen:
            kept = matching.verify(found.hits, strange, endpoint, region=self.settings.default_region).kept
            if kept:
                return replace(found, hits=kept)
        self.work.decide(name, "the hits do not carry the marker: the search by marker does not count")
        return Finding()

    def searches_marker(self, name: EndpointName) -> bool:
        """Tell whether a find can search by marker."""
        endpoint = self.endpoint(name)
        if endpoint is None:
            return False
        facts = Context(session_id=0, channel="chat", now=self.work.now, marker="x", account_id="x", record_id="x")
        variables = Variables(facts, for_find=True)
        return any(isinstance(each, Request) for each in renderings(endpoint, variables))

    def create(self, name: EndpointName, context: Context, seen_ids: Sequence[CrmId] | None) -> CrmId | None:
        """Send a create, after writing down that it leaves.

        Args:
            name: create_account or create_record.
            context: With the marker.
            seen_ids: What the CRM had before; None when that could not be searched.

        Returns:
            The new id; None when the CRM says that it exists already, without saying under which id.

        Raises:
            CrmAnswerError: The CRM said yes, but there is no id at the location.
            CrmError: It refused, or failed.
        """
        endpoint = self.endpoint(name)
        if endpoint is None:
            raise CrmError(name, "is not set")
        variables = self._variables(name, context, for_find=False)
        request = render(endpoint, variables)
        if isinstance(request, NotSent):
            raise CrmRejectedError(name, f"cannot be sent: {request.reason}")
        self.work.before_send(seen_ids)
        answer = self._ask(name, request)
        outcome = classify(endpoint, answer, values=variables, now=self.work.now)
        if outcome.meaning is Meaning.DUPLICATE:
            self.work.refused()
            existing = response.duplicate_id(endpoint, answer)
            self._trace(name, request, answer, [existing], f"{outcome.reason}; id: {existing}")
            return existing
        if outcome.meaning is not Meaning.OK:
            raise self._refusal(name, request, answer, outcome)
        return self._created(name, request, answer, variables)

    def _created(self, name: EndpointName, request: Request, answer: Answer, variables: Variables) -> CrmId:
        try:
            hits = response.read(request.endpoint, answer, variables, name=name)
        except CrmAnswerError as error:
            self._trace(name, request, answer, _text(answer), f"no id: {error.reason}")
            raise
        if not hits:
            reason = _nothing_there(request.endpoint, answer)
            self._trace(name, request, answer, _text(answer), reason)
            raise CrmAnswerError(name, reason)
        self._trace(name, request, answer, [hits[0].id], f"created: {hits[0].id}")
        return hits[0].id

    def _search(self, name: EndpointName, context: Context) -> Finding:
        endpoint = self.endpoint(name)
        if endpoint is None:
            return Finding()
        variables = self._variables(name, context, for_find=True)
        was_asked, seen, reasons = False, list[CrmId](), list[str]()
        for request in renderings(endpoint, variables):
            if isinstance(request, NotSent):
                reasons.append(request.reason)
                continue
            was_asked = True
            every, kept = self._hits(name, request, variables)
            seen += [hit.id for hit in every]
            if kept:
                return Finding(was_asked, kept, seen)
        if not was_asked:
            self.work.decide(name, "not asked: " + "; ".join(dict.fromkeys(reasons)))
        return Finding(was_asked, (), seen)

    def _hits(self, name: EndpointName, request: Request, variables: Variables) -> tuple[Sequence[Hit], Sequence[Hit]]:
        """Return all hits of one request, and those that count."""
        answer = self._ask(name, request)
        outcome = classify(request.endpoint, answer, for_find=True, values=variables, now=self.work.now)
        if outcome.meaning is Meaning.NOT_FOUND:
            self._trace(name, request, answer, [], f"no match: {outcome.reason}")
            return (), ()
        if outcome.meaning is not Meaning.OK:
            raise self._refusal(name, request, answer, outcome)
        try:
            every = response.read(request.endpoint, answer, variables, name=name)
        except CrmAnswerError as error:
            self._trace(name, request, answer, _text(answer), error.reason)
            raise
        kept, words = self._verified(name, request, every)
        self._trace(name, request, answer, [hit.id for hit in every], words)
        return every, kept

    def _verified(self, name: EndpointName, request: Request, every: Sequence[Hit]) -> tuple[Sequence[Hit], str]:
        if not every:
            return (), "no match"
        if name != "find_account_by_query":
            return every, _hits_in_words(every)
        checked = matching.verify(every, request.searched, request.endpoint, region=self.settings.default_region)
        notes = [checked.note] if checked.note else []
        return checked.kept, "; ".join([_hits_in_words(checked.kept), *notes, *checked.dropped])

    def _ask(self, name: EndpointName, request: Request) -> Answer:
        self.work.keep()
        headers, body = request.sent
        try:
            return self._client.send(
                name,
                request.method,
                request.url,
                headers=headers,
                body=body,
                timeout_s=request.endpoint.timeout_s,
                upload=request.is_upload,
                note=lambda text: self.work.decide(name, text),
            )
        except CrmError as error:
            self._trace(name, request, None, None, error.reason)
            raise
        finally:
            self.work.secrets = self.work.secrets.and_also(self._client.secrets)

    def _refusal(self, name: str, request: Request, answer: Answer, outcome: Outcome) -> CrmError:
        """Turn an answer that isn't a yes into an error; a 4xx is a clear no, a 5xx isn't."""
        self._trace(name, request, answer, _text(answer), outcome.reason)
        if outcome.meaning is Meaning.UNAVAILABLE:
            unsure = answer.status >= 500
            return CrmUnavailableError(name, outcome.reason, sent=unsure, retry_after_s=outcome.retry_after_s)
        if outcome.meaning is Meaning.AUTH:
            return CrmAuthError(name, outcome.reason, status=answer.status)
        return CrmRejectedError(name, outcome.reason, status=answer.status)

    def _variables(self, name: str, context: Context, *, for_find: bool) -> Variables:
        if base_url := self._client.base_url(name):
            context = replace(context, base_url=base_url)
        return Variables(context, region=self.settings.default_region, for_find=for_find)

    def _trace(self, name: str, request: Request, answer: Answer | None, read_out: Any, decision: str) -> None:
        headers = {**request.sent[0], **_signed(self.settings)}
        self.work.trace(
            TraceRow(
                at=self.work.now,
                endpoint=name,
                decision=decision,
                method=request.method,
                url=request.url,
                request={"headers": headers, "body": shown(request.body)},
                status=answer.status if answer else None,
                took_ms=answer.took_ms if answer else None,
                read_out=read_out,
            )
        )


def secrets_of(settings: CrmSettings) -> Secrets:
    """Collect the secrets of the settings, to mask them wherever they turn up."""
    found = (value.get_secret_value() for value in _secrets_in(settings.auth))
    return Secrets(frozenset(value for value in found if value))


def _secrets_in(part: object) -> list[SecretStr]:
    if isinstance(part, SecretStr):
        return [part]
    if isinstance(part, BaseModel):
        return [each for name in type(part).model_fields for each in _secrets_in(getattr(part, name))]
    if isinstance(part, tuple):
        return [each for item in part for each in _secrets_in(item)]
    return []


def _signed(settings: CrmSettings) -> Mapping[str, str]:
    """Return the headers that authentication adds, as the trace shows them."""
    names = [header.key for header in settings.auth.headers]
    return dict.fromkeys(names if settings.auth.method == "headers" else ["Authorization", *names], MASK)


def _hits_in_words(hits: Sequence[Hit]) -> str:
    if not hits:
        return "no match"
    more = f", first of {len(hits)}" if len(hits) > 1 else ""
    return f"found: {hits[0].id}{more}"


def _nothing_there(endpoint: Endpoint, answer: Answer) -> str:
    where = endpoint.response_location or "the whole body"
    return f"answered {answer.status}, but there is nothing at {where!r} to read the id from"


def _text(answer: Answer) -> str:
    return answer.body[: READ_OUT_MAX * 4].decode("utf-8", "replace")[:READ_OUT_MAX]
