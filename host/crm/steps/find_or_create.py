"""The account or record step of a session: runs the flow, or the create-once rule after an unknown outcome.

Source: docs/reference/generic-api.md, Find or create an account; docs/reference/generic-api.md, Create-once.
"""

from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from host.crm.exchange.create_once import settle
from host.crm.exchange.exchange import Exchange
from host.crm.exchange.follow_ups import FollowUps
from host.crm.exchange.found import Found
from host.crm.intents.step_result import StepResult
from host.crm.settings.crm import EndpointName
from host.crm.steps import results
from host.crm.steps.accounts import CrmAccounts
from host.crm.steps.outcome import StepOutcome, result_of
from host.crm.steps.records import CrmRecords
from host.crm.steps.results import OnKnown
from host.crm.templates.quoting import as_text
from host.crm.templates.variables import Context
from host.errors import AskPersonError, ChooseError, CrmError, CrmRejectedError


@dataclass(frozen=True)
class FindOrCreateStep:
    """An account or record step, ready to run."""

    exchange: Exchange
    context: Context
    create: EndpointName
    port: CrmAccounts | CrmRecords
    result: StepResult = field(default_factory=StepResult)
    """Stored with the intent in any case."""
    needs_account: bool = False
    """Whether the step waits for a real account after a refusal."""

    def run(self) -> StepOutcome:
        """Run the step; no transaction may be open.

        Raises:
            CrmError: The step failed; `host.crm.steps.failures` decides what follows.
        """
        if self.exchange.settings.type == "none":
            return StepOutcome(None, StepResult(id=None))
        try:
            found = self._main()
        except CrmRejectedError as error:
            if not self.needs_account or isinstance(error, AskPersonError):
                raise
            raise AskPersonError(error.endpoint, f"waits for an account ({error.reason})") from error
        return StepOutcome(found, result_of(self.exchange.work.intent.result, found, self.result))

    def keep(self, connection: Connection, outcome: StepOutcome, on_known: OnKnown) -> None:
        """Finish the intent, in the transaction that plans the following work.

        Raises:
            LostLeaseError: Another runner has the intent; nothing may be stored.
        """
        work = self.exchange.work
        results.store(connection, work.intent, outcome, work.now, on_known, found_for=self.context.end_user_id)

    def _main(self) -> Found | None:
        """Find or create the object, then run the further steps of a create."""
        intent = self.exchange.work.intent
        if (found := _under_way(intent.result)) is None:
            found = self._settle() if intent.state == "unknown" else self._chosen(self.port.find_or_create())
        follow_ups = self._follow_ups(found)
        if found is None or follow_ups is None:
            return found
        return replace(found, saved=follow_ups.run(StepResult(id=found.id), found.saved))

    def _follow_ups(self, found: Found | None) -> FollowUps | None:
        """Return the further steps of a create; None when nothing was created."""
        endpoint = self.exchange.settings.endpoint(self.create)
        if found is None or not found.is_new or endpoint is None:
            return None
        ids = {"record_id" if self.exchange.work.intent.step == "record" else "account_id": found.id}
        return FollowUps(self.exchange.client, self.create, endpoint, self.context.with_ids(**ids))

    def _chosen(self, found: Found | None) -> Found | None:
        """Ask the agent to choose if the settings want it, unless they were asked before."""
        settings, step = self.exchange.settings, self.exchange.work.intent.step
        if found is None or len(found.choices) < 2 or not settings.ask_on_many:
            return found
        remembered = self.context.account_id if step == "account" else None
        if remembered is not None and as_text(remembered) == as_text(found.id):
            return found
        raise ChooseError(f"find_{step}_by_query", found.choices)

    def _settle(self) -> Found:
        """Search for the object that may exist; send the create again only when that is safe."""
        endpoint = self.exchange.settings.endpoint(self.create)
        if endpoint is None:
            raise CrmError(self.create, "is not set any more, and it is not known whether the CRM has created it")
        search = self.port.search_ours()
        made = settle(self.exchange.client, self.create, endpoint, search)
        if made is not None:
            found = Found(made, is_new=True, saved=search.saved)
            if follow_ups := self._follow_ups(found):
                follow_ups.check(found.saved)
            return found
        return self.port.send(self.exchange.work.intent.seen_ids)


def _under_way(result: StepResult) -> Found | None:
    """Return the created object while its further steps run; None: nothing was created yet."""
    made = result.main.id if result.is_under_way and result.main else None
    return None if made is None else Found(made, is_new=True, saved=result.saved)
