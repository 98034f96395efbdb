"""Runs an endpoint's `steps`: further requests after its main one, each recorded as done by itself.

While they run, the intent's result has `main`, `saved` and `next`.

Source: docs/reference/generic-api.md, Steps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from host.crm.exchange.create_once import search_by_marker, settle
from host.crm.exchange.custom_fields import with_custom_fields
from host.crm.exchange.intent_client import IntentClient, text_of
from host.crm.exchange.saved_values import SAVED, urls_of, with_whole_urls, without_empty
from host.crm.exchange.write import write
from host.crm.intents.step_result import StepResult
from host.crm.request.build import render
from host.crm.request.request import NotSent, Request
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.references import Reference
from host.crm.templates.variables import Context
from host.errors import AskPersonError

_ANY_HOST = "saved.invalid"
CONTENT = frozenset({"FILE_DATA", "FILE_DATA_URI", "COMMENT_BODY"})


@dataclass(frozen=True)
class FollowUps:
    """The steps after one request."""

    client: IntentClient
    name: str
    """The endpoint's name, for trace and errors."""
    endpoint: Endpoint
    """The endpoint with the steps."""
    context: Context
    """With the file or the comment's text, which steps may send too."""

    def run(self, main: StepResult, saved: Mapping[str, Any]) -> dict[str, Any]:
        """Run the remaining steps; return all saved values.

        Args:
            main: The result of the main request; stored until the last step is done.
            saved: Values saved so far.

        Raises:
            AskPersonError: A step lacks a value.
            CrmError: A step was refused or failed; the steps before it stay done.
        """
        work, steps = self.client.work, self.endpoint.steps
        if steps and not work.intent.result.is_under_way:
            work.record_progress(StepResult(main=main, saved=dict(saved), next=0))
        kept = dict(saved)
        for number in range(work.intent.result.next or 0, len(steps)):
            kept |= self._run_step(number, kept)
            work.record_progress(StepResult(main=main, saved=dict(kept), next=number + 1))
        return kept

    def check(self, saved: Mapping[str, Any], first: int = 0) -> None:
        """Ensure that all values for the steps are known, before a found object counts as done.

        Args:
            saved: Values from the hit, and values saved before.
            first: The first remaining step.

        Raises:
            AskPersonError: A step would lack a value.
        """
        for number in range(first, len(self.endpoint.steps)):
            later = {key: self._placeholder(key) for step in self.endpoint.steps[first:number] for key in step.save}
            self._request(number, self._context(number, {**saved, **later}))

    def _run_step(self, number: int, saved: Mapping[str, Any]) -> Mapping[str, Any]:
        endpoint, name, context = self.endpoint.steps[number], self._name(number), self._context(number, saved)
        if self.client.work.intent.state == "unknown":
            search = search_by_marker(self.client, name, endpoint, context)
            if settle(self.client, name, endpoint, search) is not None:
                self.check({**saved, **search.saved}, number + 1)
                return search.saved
        request = with_custom_fields(self.client, name, self._request(number, context), context)
        written = write(self.client, name, request, self.client.variables(name, context))
        words = f"{written.reason}; kept: {', '.join(written.saved) or 'nothing'}"
        self.client.trace(name, written.request, written.answer, text_of(written.answer), words)
        return with_whole_urls(written.saved, self.endpoint, written.request.url)

    def _request(self, number: int, context: Context) -> Request:
        """Return a step's request, if no value from earlier answers is missing."""
        name = self._name(number)
        request = render(self.endpoint.steps[number], self.client.variables(name, context))
        if isinstance(request, NotSent):
            raise AskPersonError(name, f"cannot be sent: {request.reason}")
        if lacking := sorted(str(each) for each in request.missing if self._is_ours(each)):
            raise AskPersonError(name, f"cannot be sent: no answer before it has told {', '.join(lacking)}")
        return request

    def _is_ours(self, reference: Reference) -> bool:
        kept = {key for each in (self.endpoint, *self.endpoint.steps) for key in each.save}
        return reference.name in CONTENT or (reference.name == SAVED and reference.key in kept)

    def _context(self, number: int, saved: Mapping[str, Any]) -> Context:
        marker = f"{self.context.marker}-{number + 1}" if self.context.marker else None
        return replace(self.context, saved={**self.context.saved, **without_empty(saved)}, marker=marker)

    def _placeholder(self, key: str) -> str:
        """Return a placeholder for a value that is not known yet; it is valid in every place of a request."""
        return f"https://{_ANY_HOST}/" if key in urls_of(self.endpoint) else _ANY_HOST

    def _name(self, number: int) -> str:
        return f"{self.name}, step {number + 1}"
