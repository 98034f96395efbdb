"""The comment, update and upload steps on a session's record.

Source: docs/reference/generic-api.md, After a call or chat; docs/reference/generic-api.md, Create-once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from host.crm.exchange.create_once import NOTHING_TO_SEARCH_BY, MarkerSearch, search_by_marker, settle
from host.crm.exchange.follow_ups import FollowUps
from host.crm.exchange.intent_client import IntentClient, text_of
from host.crm.exchange.write import Written, write_to
from host.crm.intents import intents, step_input
from host.crm.intents.step_result import StepResult
from host.crm.session_facts import comments
from host.crm.settings.crm import EndpointName
from host.crm.settings.endpoint import Endpoint
from host.crm.steps import results, upload_files
from host.crm.steps.outcome import StepOutcome
from host.crm.steps.results import OnKnown
from host.crm.templates.variables import Context
from host.errors import CrmError

ENDPOINTS: Mapping[str, EndpointName] = {
    "comment": "add_comment",
    "update": "update_record",
    "upload": "upload_file",
}
FACTS = {"comment": "comment_added", "update": "record_updated", "upload": "file_uploaded"}


@dataclass(frozen=True)
class RecordEventStep:
    """A comment, update or upload step, ready to run."""

    client: IntentClient
    name: EndpointName
    context: Context
    details: Mapping[str, Any]
    """For the comment's text."""
    folder: Path
    """The base folder of upload paths."""

    @classmethod
    def open(cls, connection: Connection, client: IntentClient, context: Context, folder: Path) -> "RecordEventStep":
        """Create the step, with the data of its event for the comment's text."""
        intent = client.work.intent
        snapshot = step_input.snapshot_in(intent.input)
        details = dict(snapshot.details) if snapshot else {}
        if "upload" in details and (endpoint := client.settings.endpoint("upload_file")):
            upload = intents.by_step(connection, intent.session_id, "upload", details.pop("upload"))
            details |= upload_files.details(upload, endpoint, context) if upload else {}
        return cls(client, ENDPOINTS[intent.step], context, details, folder)

    def run(self) -> StepOutcome:
        """Send the request, or resolve its unknown outcome; skip it without a record or without content.

        Raises:
            CrmError: The step failed; `host.crm.steps.failures` decides what follows.
        """
        work, endpoint = self.client.work, self.client.settings.endpoint(self.name)
        if endpoint is None or self.client.settings.type == "none":
            return self._skip("the endpoint is not set any more")
        before = work.intent.result
        if before.is_under_way:
            return self._follow_up(
                endpoint, self._with_content(endpoint) or self.context, before.main or StepResult(), before.saved
            )
        if self.context.record_id is None:
            return self._skip("the session has no record")
        if (context := self._with_content(endpoint)) is None:
            return self._skip("there is nothing to say")
        if work.intent.state == "unknown":
            search = self._search(endpoint, context)
            if (found := settle(self.client, self.name, endpoint, search)) is not None:
                FollowUps(self.client, self.name, endpoint, context).check(search.saved)
                is_upload = self.name == "upload_file"
                main = StepResult(attachment=search.attachment) if is_upload else StepResult(id=found)
                return self._follow_up(endpoint, context, main, search.saved)
        written = write_to(self.client, self.name, endpoint, context)
        return self._follow_up(
            endpoint, context, self._main(endpoint, written), self._saved(endpoint, context, written)
        )

    def keep(self, connection: Connection, outcome: StepOutcome, _on_known: OnKnown) -> None:
        """Finish the intent; plan the comment with the link to an uploaded file.

        Raises:
            LostLeaseError: Another runner has the intent; nothing may be stored.
        """
        work = self.client.work
        intents.finish(connection, work.intent, work.now, outcome.result)
        if outcome.result.skipped is not None:
            return
        data = {"occurrence": work.intent.occurrence}
        results.note(connection, work.intent.session_id, FACTS[work.intent.step], work.now, data)
        if work.intent.step == "upload":
            upload_files.plan_comment(connection, work.intent, self.client.settings, work.now)

    def _with_content(self, endpoint: Endpoint) -> Context | None:
        """Return the context with the comment's text or the file."""
        if self.name == "upload_file":
            file = upload_files.file_of(self.client.work.intent)
            return replace(self.context, file=upload_files.open_file(self.folder, file))
        if self.name == "update_record":
            return self.context
        snapshot = step_input.snapshot_in(self.client.work.intent.input)
        if snapshot is None:
            raise CrmError(self.name, "its row does not say which event it is about")
        event = comments.get_event(snapshot.event)
        text = comments.text_of(
            event, self.client.variables(self.name, self.context), endpoint.text_format, self.details
        )
        return None if text is None else replace(self.context, comment_body=text)

    def _main(self, endpoint: Endpoint, written: Written) -> StepResult:
        """Trace the call, and return its result."""
        result = StepResult()
        words = written.reason if written.is_duplicate else "done"
        if self.name == "upload_file" and endpoint.attachment:
            with self.client.reading_answer(self.name, written.request, written.answer):
                attachment = written.attachment()
            where = endpoint.attachment.location
            words = f"uploaded: {attachment}" if attachment else f"uploaded, but there is nothing at {where!r}"
            result = StepResult(attachment=attachment)
        self.client.trace(self.name, written.request, written.answer, text_of(written.answer), words)
        return result

    def _search(self, endpoint: Endpoint, context: Context) -> MarkerSearch:
        if not endpoint.alternatives:
            return NOTHING_TO_SEARCH_BY
        return search_by_marker(self.client, self.name, endpoint, context)

    def _saved(self, endpoint: Endpoint, context: Context, written: Written) -> Mapping[str, Any]:
        """Return the saved values; for a duplicate, those that a search finds."""
        if written.is_duplicate and endpoint.steps and endpoint.save:
            return self._search(endpoint, context).saved
        return written.saved

    def _follow_up(
        self, endpoint: Endpoint, context: Context, main: StepResult, saved: Mapping[str, Any]
    ) -> StepOutcome:
        if main.attachment is not None:
            context = replace(context, attachment_id=main.attachment)
        kept = FollowUps(self.client, self.name, endpoint, context).run(main, saved)
        return StepOutcome(None, main.with_saved(kept) if endpoint.attachment and kept else main)

    def _skip(self, reason: str) -> StepOutcome:
        self.client.work.trace_decision(self.name, f"not sent: {reason}")
        return StepOutcome(None, StepResult(skipped=reason))
