"""What is done on a session's record: a comment, an update, an upload; once each, in order.

Source: docs/reference/generic-api.md, After a call or chat; docs/reference/generic-api.md, Create-once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from host.crm.exchange.create_once import NOTHING_TO_SEARCH_BY, MarkerSearch, search_by_marker, settle
from host.crm.exchange.follow_ups import FollowUps, is_under_way
from host.crm.exchange.intent_client import IntentClient, text_of
from host.crm.exchange.write import Written, write
from host.crm.intents import intents
from host.crm.request.build import render
from host.crm.session_facts import comments
from host.crm.settings.crm import EndpointName
from host.crm.settings.endpoint import Endpoint
from host.crm.steps import results, upload_files
from host.crm.steps.find_or_create import StepOutcome
from host.crm.steps.results import OnKnown
from host.crm.templates.variables import Context

ENDPOINTS: Mapping[str, EndpointName] = {
    "comment": "add_comment",
    "update": "update_record",
    "upload": "upload_file",
}
FACTS = {"comment": "comment_added", "update": "record_updated", "upload": "file_uploaded"}


@dataclass(frozen=True)
class RecordEventStep:
    """One such step, ready to run."""

    client: IntentClient
    name: EndpointName
    context: Context
    details: Mapping[str, Any]
    """For the comment's text."""
    folder: Path
    """Where a file that is uploaded comes from."""

    @classmethod
    def open(cls, connection: Connection, client: IntentClient, context: Context, folder: Path) -> "RecordEventStep":
        """Read what the comment's text needs beyond the session's facts."""
        intent = client.work.intent
        details = dict(intent.input.get("details", {}))
        if "upload" in details and (endpoint := client.endpoint("upload_file")):
            upload = intents.by_step(connection, intent.session_id, "upload", details.pop("upload"))
            details |= upload_files.details(upload, endpoint, context) if upload else {}
        return cls(client, ENDPOINTS[intent.step], context, details, folder)

    def run(self) -> StepOutcome:
        """Send it, or find out what became of it; nothing where there is nothing to say, or no record.

        Raises:
            CrmError: It didn't work out; `host.crm.steps.failures` decides what becomes of it.
        """
        work, endpoint = self.client.work, self.client.endpoint(self.name)
        if endpoint is None or self.client.settings.type == "none":
            return self._skip("the endpoint is not set any more")
        if is_under_way(work.intent.result):
            main, saved = dict((work.intent.result or {})["main"]), dict((work.intent.result or {})["saved"])
            return self._followed(endpoint, self._with_content(endpoint) or self.context, main, saved)
        if self.context.record_id is None:
            return self._skip("the session has no record")
        context = self._with_content(endpoint)
        if context is None:
            return self._skip("there is nothing to say")
        if work.intent.state == "unknown":
            search = self._search(endpoint, context)
            if (found := settle(self.client, self.name, endpoint, search)) is not None:
                FollowUps(self.client, self.name, endpoint, context).check(search.saved)
                main = {"attachment": search.attachment} if self.name == "upload_file" else {"id": found}
                return self._followed(endpoint, context, main, dict(search.saved))
        written = self._send(endpoint, context)
        return self._followed(endpoint, context, self._main(endpoint, written), self._saved(endpoint, context, written))

    def keep(self, connection: Connection, outcome: StepOutcome, _on_known: OnKnown) -> None:
        """Finish the intent; an uploaded file may want a comment with its link.

        Raises:
            LostLeaseError: Another runner goes on; nothing may be kept.
        """
        work = self.client.work
        intents.finish(connection, work.intent, work.now, outcome.result)
        if "skipped" in outcome.result:
            return
        data = {"occurrence": work.intent.occurrence}
        results.note(connection, work.intent.session_id, FACTS[work.intent.step], work.now, data)
        if work.intent.step == "upload":
            upload_files.plan_comment(connection, work.intent, self.client.settings, work.now)

    def clean_up(self) -> None:
        """Remove the copy of a file that the CRM has now."""
        if self.name == "upload_file":
            upload_files.delete_copy(self.folder, self.client.work.intent.input)

    def _with_content(self, endpoint: Endpoint) -> Context | None:
        """Return the context with the comment's text or the file."""
        if self.name == "upload_file":
            return replace(self.context, file=upload_files.opened(self.folder, self.client.work.intent.input))
        if self.name == "update_record":
            return self.context
        event = comments.known(self.client.work.intent.input["event"])
        text = comments.text_of(
            event, self.client.variables(self.name, self.context), endpoint.text_format, self.details
        )
        return None if text is None else replace(self.context, comment_body=text)

    def _send(self, endpoint: Endpoint, context: Context) -> Written:
        variables = self.client.variables(self.name, context)
        return write(self.client, self.name, render(endpoint, variables), variables)

    def _main(self, endpoint: Endpoint, written: Written) -> dict[str, Any]:
        """Write down the call, and what it came to."""
        result: dict[str, Any] = {}
        words = written.reason if written.is_duplicate else "done"
        if self.name == "upload_file" and endpoint.attachment:
            with self.client.reading(self.name, written.request, written.answer):
                attachment = written.attachment()
            where = endpoint.attachment.location
            words = f"uploaded: {attachment}" if attachment else f"uploaded, but there is nothing at {where!r}"
            result = {"attachment": attachment}
        self.client.trace(self.name, written.request, written.answer, text_of(written.answer), words)
        return result

    def _search(self, endpoint: Endpoint, context: Context) -> MarkerSearch:
        if not endpoint.alternatives:
            return NOTHING_TO_SEARCH_BY
        return search_by_marker(self.client, self.name, endpoint, context)

    def _saved(self, endpoint: Endpoint, context: Context, written: Written) -> dict[str, Any]:
        """Return what is kept; of what exists already, what a search tells."""
        if written.is_duplicate and endpoint.steps and endpoint.save:
            return dict(self._search(endpoint, context).saved)
        return dict(written.saved)

    def _followed(
        self, endpoint: Endpoint, context: Context, main: dict[str, Any], saved: dict[str, Any]
    ) -> StepOutcome:
        if (attachment := main.get("attachment")) is not None:
            context = replace(context, attachment_id=attachment)
        kept = FollowUps(self.client, self.name, endpoint, context).run(main, saved)
        return StepOutcome(None, {**main, "saved": kept} if endpoint.attachment and kept else main)

    def _skip(self, reason: str) -> StepOutcome:
        self.client.work.trace_decision(self.name, f"not sent: {reason}")
        return StepOutcome(None, {"skipped": reason})
