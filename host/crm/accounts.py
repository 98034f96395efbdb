"""The CRM's accounts, asked for one session's caller."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from host.crm import ours
from host.crm.exchange import Exchange, Finding
from host.crm.flows.found import Found
from host.crm.intents import CrmId
from host.crm.model import EndpointName
from host.crm.once import NOT_THERE, NOTHING_TO_SEARCH_BY, Search
from host.crm.quoting import as_text
from host.crm.variables import Context
from host.errors import CrmRejectedError

CREATE: EndpointName = "create_account"
FIND: EndpointName = "find_account_by_query"
FIND_BY_ID: EndpointName = "find_account_by_id"


@dataclass
class CrmAccounts:
    """What `host.crm.flows.account` asks for, by the endpoints of the settings."""

    exchange: Exchange
    context: Context
    """Its `account_id` is the one that is known beforehand."""
    creates: bool
    """Whether a missing account is created."""
    _found: Finding = field(default_factory=Finding)

    @property
    def is_anonymous(self) -> bool:
        """Whether there is no phone number, e-mail, identifier or account id."""
        known = (self.context.phone, self.context.email, self.context.identifier, self.context.account_id)
        return not any(each not in {"", None} for each in known)

    def by_id(self) -> Found | None:
        """Ask by the known id, if the endpoint's URL takes one."""
        endpoint = self.exchange.endpoint(FIND_BY_ID)
        if endpoint is None or self.context.account_id is None or "{account_id}" not in endpoint.url.lower():
            return None
        return self.exchange.find(FIND_BY_ID, self.context).best()

    def by_query(self) -> Found | None:
        """Ask by whatever identifies the caller; of several the one that was his before."""
        self._found = self.exchange.find(FIND, self.context)
        remembered = as_text(self.context.account_id)
        first = sorted(self._found.hits, key=lambda hit: as_text(hit.id) != remembered)
        return replace(self._found, hits=first).best()

    def just_created(self) -> Found | None:
        """Look at our own sessions of the same caller."""
        work = self.exchange.work
        with work.database.read() as connection:
            found = ours.account_just_created(connection, work.intent, work.now)
        if found is None:
            return None
        work.decide(CREATE, f"another session of this caller has just created account {found}: it is used")
        return Found(found)

    def create(self) -> Found | None:
        """Create one, unless that is switched off."""
        if not self.creates or self.exchange.endpoint(CREATE) is None:
            return None
        return self.send(self._found.seen if self._found.was_asked else None)

    def send(self, seen_ids: Sequence[CrmId] | None) -> Found:
        """Send the create; where the CRM says that it exists already, find it."""
        made = self.exchange.create(CREATE, self.context, seen_ids)
        if made is not None:
            return made
        if found := self.exchange.find(FIND, self.context).best():
            return found
        raise CrmRejectedError(CREATE, "exists already, but no find shows it")

    def search_ours(self) -> Search:
        """Look for an account that we may have created."""
        by_marker = self.exchange.find_by_marker(FIND, self.context)
        if by_marker.was_asked:
            return Search(is_possible=True, id=by_marker.hits[0].id) if by_marker.hits else NOT_THERE
        found = self.exchange.find(FIND, self.context)
        if not found.was_asked:
            return NOTHING_TO_SEARCH_BY
        seen = set(self.exchange.work.intent.seen_ids or ())
        return Search(is_possible=True, id=next((hit.id for hit in found.hits if hit.id not in seen), None))
