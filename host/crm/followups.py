"""`steps`: requests that follow an endpoint's own one, with values kept from its answer; each durable on its own.

While they run, the intent's result is `{"main": {...}, "saved": {...}, "next": 1}`.

Source: 75-settings.md, `steps`, `save`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from host.crm.body import render
from host.crm.calling import Caller, text_of
from host.crm.endpoint import Endpoint
from host.crm.settling import search_by_marker, settle
from host.crm.variables import Context
from host.crm.writing import write


@dataclass(frozen=True)
class FollowUps:
    """The steps after one request."""

    caller: Caller
    name: str
    """Of the endpoint that they belong to, for trace and errors."""
    endpoints: Sequence[Endpoint]
    context: Context

    def run(self, main: Mapping[str, Any], saved: Mapping[str, Any]) -> dict[str, Any]:
        """Run those that are left; return all that is saved.

        Args:
            main: What the endpoint's own request came to; kept until the last step is done.
            saved: Values kept so far.

        Raises:
            CrmError: One was refused, or failed; those before it stay done.
        """
        work = self.caller.work
        if self.endpoints and not is_under_way(work.intent.result):
            work.progressed({"main": dict(main), "saved": dict(saved), "next": 0})
        kept = dict(saved)
        for number in range(next_of(work.intent.result), len(self.endpoints)):
            kept |= self._one(number, kept)
            work.progressed({"main": dict(main), "saved": kept, "next": number + 1})
        return kept

    def _one(self, number: int, saved: Mapping[str, Any]) -> Mapping[str, Any]:
        endpoint, name = self.endpoints[number], f"{self.name}, step {number + 1}"
        marker = f"{self.context.marker}-{number + 1}" if self.context.marker else None
        context = replace(self.context, saved={**self.context.saved, **saved}, marker=marker)
        if self.caller.work.intent.state == "unknown":
            search = search_by_marker(self.caller, name, endpoint, context)
            if settle(self.caller, name, endpoint, search) is not None:
                return {}
        variables = self.caller.variables(name, context)
        written = write(self.caller, name, render(endpoint, variables), variables)
        words = f"{written.reason}; kept: {', '.join(written.saved) or 'nothing'}"
        self.caller.trace(name, written.request, written.answer, text_of(written.answer), words)
        return written.saved


def is_under_way(result: Mapping[str, Any] | None) -> bool:
    """Tell whether an intent's own request is done, and its steps aren't all."""
    return "next" in (result or {})


def next_of(result: Mapping[str, Any] | None) -> int:
    """Return which step is next."""
    return int((result or {}).get("next", 0))
