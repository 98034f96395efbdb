"""Flow 1: whose account it is.

Source: docs/reference/generic-api.md, Find or create an account.
"""

from typing import Protocol

from host.crm.exchange.found import Found


class Accounts(Protocol):
    """The accounts of the CRM, asked for one session's caller."""

    @property
    def is_anonymous(self) -> bool:
        """Whether nothing is known about the caller."""
        ...

    def by_id(self) -> Found | None:
        """Find the account whose id is known."""
        ...

    def by_query(self) -> Found | None:
        """Find the account by phone, e-mail, CUID or a known id."""
        ...

    def just_created(self) -> Found | None:
        """Return the account that another session of this caller has just created: searches may not show it yet."""
        ...

    def create(self) -> Found | None:
        """Create an account; None where that is switched off."""
        ...


def find_or_create(accounts: Accounts) -> Found | None:
    """Return the caller's account: by id, by query, or newly made.

    Raises:
        CrmError: The CRM failed; a missing account is not a failure.
    """
    if accounts.is_anonymous:
        return accounts.create()
    return accounts.by_id() or accounts.by_query() or accounts.just_created() or accounts.create()
