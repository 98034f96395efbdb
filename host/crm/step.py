"""One step of one session: the flow when it is due, the create-once rule when its outcome is unknown.

Source: 30-generic-api.md, Flows; Faults, create-once (d) and (e).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sqlalchemy import Connection, select

from host.crm import context as contexts
from host.crm.accounts import CrmAccounts
from host.crm.exchange import Exchange
from host.crm.failure import AskPersonError, NotYetKnownError
from host.crm.flows import account, record
from host.crm.flows.found import Found
from host.crm.intents import CrmId, by_step
from host.crm.model import EndpointName
from host.crm.once import Next, Search, after_search, settles_at
from host.crm.records import CrmRecords
from host.crm.variables import Context
from host.db.tables import end_users, sessions
from host.errors import CrmError, CrmRejectedError
from host.queues import tree

Texts = Callable[[], Mapping[str, str]]


class Creates(Protocol):
    """What creates one thing in the CRM, and can look for it afterwards."""

    def send(self, seen_ids: Sequence[CrmId] | None) -> Found:
        """Send the create."""
        ...

    def search_ours(self) -> Search:
        """Look for what we may have created."""
        ...


@dataclass(frozen=True)
class Outcome:
    """What a step ended with."""

    found: Found | None
    result: dict[str, Any] = field(default_factory=dict)
    """Kept with the intent."""


@dataclass(frozen=True)
class Step:
    """A step, ready to run; makes requests, so no transaction may be open."""

    exchange: Exchange
    create: EndpointName
    port: Creates
    flow: Callable[[], Found | None]
    result: dict[str, Any] = field(default_factory=dict)
    """Kept with the intent when the flow ends with nothing."""
    needs_account: bool = False
    """Whether a refusal means that the step has to wait for a real account."""

    def run(self) -> Outcome:
        """Do it.

        Raises:
            CrmError: It didn't work out; `host.crm.failure` decides what becomes of it.
        """
        if self.exchange.settings.type == "none":
            return Outcome(None)
        try:
            found = self._settle() if self.exchange.work.intent.state == "unknown" else self.flow()
        except CrmRejectedError as error:
            if not self.needs_account:
                raise
            raise AskPersonError(error.endpoint, f"waits for an account ({error.reason})") from error
        return Outcome(found, {} if found else self.result)

    def _settle(self) -> Found:
        """Look for what may have been created; send it again only when that is safe."""
        work = self.exchange.work
        endpoint, sent_at = self.exchange.endpoint(self.create), work.intent.sent_at or work.intent.created_at
        if endpoint is None:
            raise CrmError(self.create, "is not set any more, and it is not known whether the CRM has created it")
        until = settles_at(endpoint, sent_at)
        has_settled = work.now >= until
        search = self.port.search_ours()
        match after_search(search, has_settled=has_settled, on_unknown=endpoint.on_unknown):
            case Next.USE if search.id is not None:
                work.decide(self.create, f"it had been created: {search.id} is used")
                return Found(search.id, is_new=True)
            case Next.SEND_AGAIN:
                work.decide(self.create, "it was not created in the time it had: it is sent again, with the same key")
                return self.port.send(work.intent.seen_ids)
            case Next.ASK:
                reason = "it is not known whether the CRM has created it, and there is nothing to search by"
                raise AskPersonError(self.create, reason)
            case _:
                raise NotYetKnownError(self.create, until)


def open_step(connection: Connection, exchange: Exchange, texts: Mapping[str, str]) -> Step:
    """Read what a step needs to know about its session.

    Raises:
        CrmError: There is no such step.
    """
    work = exchange.work
    templates = {name: getattr(exchange.settings, name) for name in ("subject_template", "description_template")}
    facts = {**texts, **templates}
    context = contexts.load(connection, work.intent.session_id, now=work.now, texts=facts)
    context = replace(context, marker=work.intent.marker, event="start")
    if work.intent.step == "account":
        return _account(connection, exchange, context)
    if work.intent.step == "record":
        return _record(connection, exchange, context)
    raise CrmError(work.intent.step, "is not a step that can be done")


def _account(connection: Connection, exchange: Exchange, context: Context) -> Step:
    if context.account_id is None:
        context = replace(context, account_id=_known_account(connection, context.session_id))
    has_custom_url = _has_custom_url(connection, context)
    creates = not (has_custom_url or exchange.settings.skip_account_creation)
    accounts = CrmAccounts(exchange, context, creates)
    result = {"open_custom_url": True} if has_custom_url else {}
    return Step(exchange, "create_account", accounts, lambda: account.find_or_create(accounts), result)


def _record(connection: Connection, exchange: Exchange, context: Context) -> Step:
    has_account = context.account_id is not None
    done = by_step(connection, context.session_id, "account")
    needs_account = not has_account and bool(done and (done.result or {}).get("open_custom_url"))
    if needs_account:
        context = replace(context, account_id=f"tmp-{context.session_id}")
    records = CrmRecords(exchange, context, has_account)
    flow = lambda: record.find_or_create(records)  # noqa: E731 - one line, as above
    return Step(exchange, "create_record", records, flow, needs_account=needs_account)


def _known_account(connection: Connection, session_id: int) -> CrmId | None:
    query = select(end_users.c.out_contact_id).join(sessions, sessions.c.end_user_id == end_users.c.id)
    known: CrmId | None = connection.execute(query.where(sessions.c.id == session_id)).scalar_one()
    return known


def _has_custom_url(connection: Connection, context: Context) -> bool:
    queue = tree.by_id(connection, context.queue_id) if context.queue_id is not None else None
    return bool(queue and queue.settings.open_custom_url)
