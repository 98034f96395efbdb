"""Flow 2: which record the session belongs to.

Source: docs/reference/generic-api.md, Find or create a record.
"""

from typing import Protocol

from host.crm.exchange.found import Found


class Records(Protocol):
    """The records of the CRM, asked for one session."""

    @property
    def are_reused(self) -> bool:
        """Whether an earlier record may serve again; never for an anonymous caller."""
        ...

    def by_id(self) -> Found | None:
        """Find the record whose id is known."""
        ...

    def by_query(self) -> Found | None:
        """Find the account's latest open record."""
        ...

    def lately_closed(self) -> Found | None:
        """Return the account's record that was closed a short time ago, where the settings let it serve again."""
        ...

    def create(self) -> Found | None:
        """Create a record; None where that is switched off."""
        ...


def find_or_create(records: Records) -> Found | None:
    """Return the session's record: an earlier one that may serve again, or a new one.

    Raises:
        CrmError: The CRM failed; a missing record is not a failure.
    """
    if not records.are_reused:
        return records.create()
    return records.by_id() or records.by_query() or records.lately_closed() or records.create()
