"""What accounts and records have in common: the create, and the search for what it may have made.

Source: docs/reference/generic-api.md, Create once.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from host.crm.exchange.create_once import NOT_THERE, NOTHING_TO_SEARCH_BY, MarkerSearch
from host.crm.exchange.exchange import Exchange, Finding
from host.crm.exchange.found import Found
from host.crm.response.hits import Hit
from host.crm.settings.crm import EndpointName
from host.crm.templates.variables import Context
from host.errors import CrmRejectedError
from host.sessions.model import CrmId


@dataclass(frozen=True)
class Creating:
    """A create endpoint, and the find that shows what it has made."""

    exchange: Exchange
    create: EndpointName
    find: EndpointName

    def send(self, context: Context, seen_ids: Sequence[CrmId] | None, existing: Callable[[], Finding]) -> Found:
        """Send the create; where the CRM says that it exists already, find it.

        Args:
            context: With the marker.
            seen_ids: What the CRM had before; None when that could not be searched.
            existing: Searches for what exists already.

        Raises:
            CrmError: The CRM refused or failed, or what exists already can't be found.
        """
        made = self.exchange.create(self.create, context, seen_ids)
        if made is not None:
            return made
        if found := existing().best():
            return found
        raise CrmRejectedError(self.create, "exists already, but no find shows it")

    def search_by_marker(self, context: Context) -> MarkerSearch | None:
        """Look by the marker for what we may have created; None where no search can tell."""
        found = self.exchange.find_by_marker(self.find, context)
        if not found.was_asked:
            return None
        return self._ours(found.hits[0]) if found.hits else NOT_THERE

    def search_by_difference(self, context: Context, not_ours: Callable[[], Collection[CrmId]]) -> MarkerSearch:
        """Look among all hits for what we may have created: the first one that is surely nobody else's.

        Args:
            context: Whose.
            not_ours: Returns, once the hits are there, the ids that can't be ours.
        """
        found = self.exchange.find(self.find, context)
        if not found.was_asked:
            return NOTHING_TO_SEARCH_BY
        others = not_ours()
        new = next((hit for hit in found.hits if hit.id not in others), None)
        if new is None:
            found.ends_without()
            return NOT_THERE
        return self._ours(new)

    def _ours(self, hit: Hit) -> MarkerSearch:
        return self.exchange.ours(self.create, self.find, hit)
