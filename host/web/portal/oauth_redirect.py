"""Takes what an authorization server sends back with the admin's browser: for the CRM, and for the external storage.

Source: docs/operations.md, Connect the CRM by OAuth; docs/reference/files.md, Google Cloud Storage.
"""

from typing import Protocol

from flask import session

from host.errors import RequestError
from host.users.sign_ins import hash_token
from host.web import inputs
from host.web.security.access import TOKEN


class Account(Protocol):
    """What admins connect by OAuth."""

    def finish(self, state: str, code: str, *, sign_in_hash: str) -> None:
        """Exchange the returned code for tokens, and store them."""

    def give_up(self, state: str, *, sign_in_hash: str) -> None:
        """Invalidate the state of an authorization that was refused."""


def finish(account: Account, *, refused: str, no_code: str) -> None:
    """Store the tokens that the address of this request leads to.

    Args:
        account: What is connected.
        refused: What to say when access was denied; never the text in the address, which anybody can write.
        no_code: What to say when the address lacks the code.

    Raises:
        RequestError: The answer is incomplete, or access was denied.
        NotAllowedError: This admin has begun no such authorization.
    """
    given = inputs.query()
    state, code = given.get("state", ""), given.get("code", "")
    if "error" in given:
        account.give_up(state, sign_in_hash=sign_in_hash())
        raise RequestError(refused)
    if not code:
        raise RequestError(no_code)
    account.finish(state, code, sign_in_hash=sign_in_hash())


def sign_in_hash() -> str:
    """Return the hash of this sign-in's token: only it may finish what it begins."""
    return hash_token(str(session[TOKEN]))
