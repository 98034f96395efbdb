"""The create and the search for its result, as accounts and records share them.

Source: docs/reference/generic-api.md, Create-once.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from host.crm.exchange.create_once import NOT_THERE, NOTHING_TO_SEARCH_BY, MarkerSearch
from host.crm.exchange.exchange import Exchange, FindResult
from host.crm.exchange.found import Found
from host.crm.response.hits import Hit
from host.crm.settings.crm import EndpointName
from host.crm.templates.variables import Context
from host.errors import CrmRejectedError
from host.sessions.model import CrmId


@dataclass(frozen=True)
class Creating:
    """A create endpoint, and the find that returns its objects."""

    exchange: Exchange
    create: EndpointName
    find: EndpointName

    def send(self, context: Context, seen_ids: Sequence[CrmId] | None, existing: Callable[[], FindResult]) -> Found:
        """Send the create; after a duplicate, find the existing object.

        Args:
            context: With the marker.
            seen_ids: The ids that the CRM had before; None when no search was possible.
            existing: Searches for the existing object of a duplicate.

        Raises:
            CrmError: The CRM refused or failed, or the existing object can't be found.
        """
        made = self.exchange.create(self.create, context, seen_ids)
        if made is not None:
            return made
        if found := existing().best():
            return found
        raise CrmRejectedError(self.create, "exists already, but no find shows it")

    def search_by_marker(self, context: Context) -> MarkerSearch | None:
        """Search for the object that we may have created by its marker; None when no search is possible."""
        found = self.exchange.find_by_marker(self.find, context)
        if not found.was_searched:
            return None
        return self._ours(found.hits[0]) if found.hits else NOT_THERE

    def search_by_difference(self, context: Context, not_ours: Callable[[], Collection[CrmId]]) -> MarkerSearch:
        """Search for the object that we may have created without a marker: the first hit that can only be ours.

        Args:
            context: The session's facts.
            not_ours: Called after the search; returns the ids that can't be ours.
        """
        found = self.exchange.find(self.find, context)
        if not found.was_searched:
            return NOTHING_TO_SEARCH_BY
        others = not_ours()
        new = next((hit for hit in found.hits if hit.id not in others), None)
        if new is None:
            found.ensure_complete()
            return NOT_THERE
        return self._ours(new)

    def _ours(self, hit: Hit) -> MarkerSearch:
        return self.exchange.search_result_of(self.create, self.find, hit)
