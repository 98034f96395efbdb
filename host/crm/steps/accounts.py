"""Finds and creates the account of a session's caller, by the endpoints of the settings."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from host.crm.exchange.create_once import MarkerSearch
from host.crm.exchange.exchange import Exchange, FindResult
from host.crm.exchange.found import Found
from host.crm.settings.crm import EndpointName
from host.crm.steps import results, session_history
from host.crm.steps.creating import Creating
from host.crm.templates.quoting import as_text
from host.crm.templates.variables import Context
from host.sessions.model import CrmId

CREATE: EndpointName = "create_account"
FIND: EndpointName = "find_account_by_query"
FIND_BY_ID: EndpointName = "find_account_by_id"


@dataclass
class CrmAccounts:
    """The account operations for one session's caller."""

    exchange: Exchange
    context: Context
    """Its `account_id` is the id that is known beforehand."""
    creates: bool
    """Whether a missing account is created."""
    is_new_wanted: bool = False
    """Whether a person wants a new account in any case."""
    _found: FindResult = field(default_factory=FindResult)
    _deleted_ids: set[str] = field(default_factory=set)
    """Ids for which the CRM has no account, as texts."""

    def find_or_create(self) -> Found | None:
        """Return the caller's account: by id, by query, or a new one.

        Raises:
            CrmError: The CRM failed; a missing account is not a failure.
        """
        if self.is_new_wanted or self.is_anonymous:
            return self.create()
        return self.by_id() or self.by_query() or self.just_created() or self.create()

    @property
    def is_anonymous(self) -> bool:
        """Whether there is no phone number, e-mail, identifier or account id."""
        known = (self.context.phone, self.context.email, self.context.identifier, self.context.account_id)
        return not any(each not in {"", None} for each in known)

    def by_id(self) -> Found | None:
        """Find by the known id, if the endpoint's URL takes one; forget an id without an account."""
        if (account_id := self.context.account_id) is None or not self._asks_by_id:
            return None
        if found := self._by_id(account_id).best():
            return found
        self.exchange.work.trace_decision(FIND_BY_ID, f"the CRM has no account {account_id} any more: it is forgotten")
        with self.exchange.work.writing() as connection:
            results.forget_account(connection, self.exchange.work.intent.session_id, account_id)
        self.context = replace(self.context, account_id=None)
        return None

    def by_query(self) -> Found | None:
        """Find by the values that identify the caller; of several hits, prefer the remembered account."""
        self._found = self.exchange.find(FIND, self.context)
        remembered = as_text(self.context.account_id)
        first = sorted(self._found.hits, key=lambda hit: as_text(hit.id) != remembered)
        return replace(self._found, hits=first).best()

    def just_created(self) -> Found | None:
        """Return an account that another session of the same caller created; deleted ones don't count."""
        work = self.exchange.work
        with work.database.read() as connection:
            created = session_history.accounts_just_created(connection, work.intent, work.now)
        found = next((each for each in created if self._is_there(each)), None)
        if found is None:
            return None
        work.trace_decision(CREATE, f"another session of this caller has just created account {found}: it is used")
        return Found(found, is_shared=True)

    def create(self) -> Found | None:
        """Create an account, unless creating is switched off."""
        if not (self.creates or self.is_new_wanted) or self.exchange.settings.endpoint(CREATE) is None:
            return None
        return self.send(self._found.seen if self._found.was_searched else None)

    def send(self, seen_ids: Sequence[CrmId] | None) -> Found:
        """Send the create; after a duplicate, find the existing account."""
        return self._creating.send(self.context, seen_ids, lambda: self.exchange.find(FIND, self.context))

    def search_ours(self) -> MarkerSearch:
        """Search for an account that we may have created."""
        seen = set(self.exchange.work.intent.seen_ids or ())
        by_marker = self._creating.search_by_marker(self.context)
        return by_marker or self._creating.search_by_difference(self.context, lambda: seen)

    @property
    def _creating(self) -> Creating:
        return Creating(self.exchange, CREATE, FIND)

    @property
    def _asks_by_id(self) -> bool:
        endpoint = self.exchange.settings.endpoint(FIND_BY_ID)
        return endpoint is not None and "{account_id}" in endpoint.url.lower()

    def _by_id(self, account_id: CrmId) -> FindResult:
        found = self.exchange.find(FIND_BY_ID, self.context, account_id=account_id)
        if not found.hits:
            found.ensure_complete()
        if found.was_searched and not found.hits:
            self._deleted_ids.add(as_text(account_id))
        return found

    def _is_there(self, account_id: CrmId) -> bool:
        """Tell whether the CRM has an account that its search doesn't show; assume so without an endpoint to check."""
        if as_text(account_id) in self._deleted_ids:
            return False
        return not self._asks_by_id or bool(self._by_id(account_id).hits)
