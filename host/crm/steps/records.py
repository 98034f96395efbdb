"""Finds and creates the record of a session, by the endpoints of the settings."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from host.crm.exchange.create_once import NOTHING_TO_SEARCH_BY, MarkerSearch
from host.crm.exchange.exchange import Exchange, FindResult
from host.crm.exchange.found import Found
from host.crm.settings.crm import EndpointName
from host.crm.steps import session_history
from host.crm.steps.creating import Creating
from host.crm.templates.variables import Context
from host.sessions.model import CrmId

CREATE: EndpointName = "create_record"
FIND: EndpointName = "find_record_by_query"
FIND_BY_ID: EndpointName = "find_record_by_id"


@dataclass
class CrmRecords:
    """The record operations for one session."""

    exchange: Exchange
    context: Context
    """Its `account_id` is the session's account; `tmp-103646` until the agent has chosen one."""
    has_account: bool
    """Whether this account is a real one."""
    is_new_wanted: bool = False
    """Whether a person wants a new record in any case."""
    _found: FindResult = field(default_factory=FindResult)

    def find_or_create(self) -> Found | None:
        """Return the session's record: a reused one, or a new one.

        Raises:
            CrmError: The CRM failed; a missing record is not a failure.
        """
        if self.is_new_wanted or not self.are_reused:
            return self.create()
        return self.by_id() or self.by_query() or self.recently_closed() or self.create()

    @property
    def are_reused(self) -> bool:
        """Whether the settings allow reuse, and the session has an account."""
        return self.exchange.settings.reuse_records != "never" and self.has_account

    def by_id(self) -> Found | None:
        """Find by the session's record id; without a query endpoint, by the id of our latest record."""
        record_id = self.context.record_id
        if record_id is None and self.exchange.settings.endpoint(FIND) is None:
            record_id = next((earlier.id for earlier in self._earlier()), None)
        return None if record_id is None else self._by_id(record_id)

    def by_query(self) -> Found | None:
        """Find the account's open records; with `account_and_queue` only those of the same leaf queue count."""
        self._found = self.exchange.find(FIND, self.context)
        if self.exchange.settings.reuse_records != "account_and_queue":
            return self._found.best()
        same_queue = {earlier.id for earlier in self._earlier()}
        return self._found.best(lambda hit: hit.id in same_queue)

    def recently_closed(self) -> Found | None:
        """Return a record of our sessions that ended in the last `reuse_closed_days` days."""
        days, now = self.exchange.settings.reuse_closed_days, self.exchange.work.now
        since = now - timedelta(days=days)
        lately = (each for each in self._earlier() if each.ended_at is not None and each.ended_at >= since)
        earlier = next(lately, None) if days else None
        if earlier is None:
            return None
        return self._by_id(earlier.id) if self.exchange.settings.endpoint(FIND_BY_ID) else Found(earlier.id)

    def create(self) -> Found | None:
        """Create a record, unless creating is switched off."""
        if self.exchange.settings.skip_record_creation or self.exchange.settings.endpoint(CREATE) is None:
            return None
        if not self.exchange.searches_marker(FIND) and not self._found.was_searched:
            self._found = self.exchange.find(FIND, self.context)  # existing records, to distinguish the new one
        is_known = self._found.was_searched and not self._found.unfinished
        return self.send(self._found.seen if is_known else None)

    def send(self, seen_ids: Sequence[CrmId] | None) -> Found:
        """Send the create; after a duplicate, find the existing record."""
        return self._creating.send(self.context, seen_ids, lambda: self.exchange.find_by_marker(FIND, self.context))

    def search_ours(self) -> MarkerSearch:
        """Search for a record that we may have created."""
        if by_marker := self._creating.search_by_marker(self.context):
            return by_marker
        if self.exchange.work.intent.seen_ids is None:
            return NOTHING_TO_SEARCH_BY
        return self._creating.search_by_difference(self.context, self._not_ours)

    @property
    def _creating(self) -> Creating:
        return Creating(self.exchange, CREATE, FIND)

    def _not_ours(self) -> Collection[CrmId]:
        """Return the records that existed before our create was sent, and those of other sessions."""
        work = self.exchange.work
        with work.database.read() as connection:
            return {*(work.intent.seen_ids or ()), *session_history.records_elsewhere(connection, work.intent)}

    def _by_id(self, record_id: CrmId) -> Found | None:
        if self.exchange.settings.endpoint(FIND_BY_ID) is None:
            return None
        return self.exchange.find(FIND_BY_ID, self.context, record_id=record_id).best()

    def _earlier(self) -> list[session_history.EarlierRecord]:
        account_id, work = self.context.account_id, self.exchange.work
        if account_id is None:
            return []
        same_queue = self.exchange.settings.reuse_records == "account_and_queue"
        queue_id = self.context.queue_id if same_queue else None
        with work.database.read() as connection:
            return list(session_history.earlier_records(connection, work.intent, account_id, queue_id=queue_id))
