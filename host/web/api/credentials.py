"""HTTP Basic: a company key and its secret, compared in constant time, with a limit on wrong ones.

The first key may do everything; further ones may read, or write, or both.
"""

import hmac
from dataclasses import dataclass

from flask import Response, current_app, g, request

from host.client_address import customer_of
from host.company import CompanyKey
from host.errors import NotAllowedError, NotSignedInError
from host.users import company_keys, throttle
from host.users.company_keys import SCOPES
from host.web.current import services

EXTENSION = "patchbay-company-key"
WRONG_TRIES = 20
WINDOW_S = 60
MISSING = "Send the company key and secret with HTTP Basic authentication."
WRONG = (
    "That company key and secret don't go together; the data folder has the first key's, in company-key.json, "
    "and `patchbay keys list` names the others."
)
READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Caller:
    """Whose key came with the request."""

    id: int | None
    """None: the first key's."""
    name: str
    scopes: tuple[str, ...]

    @property
    def prefix(self) -> str:
        """What goes before its own idempotency keys, since two callers may choose the same: `api`, `api-12`."""
        return "api" if self.id is None else f"api-{self.id}"


def caller() -> Caller:
    """Return who calls, after `check`."""
    found: Caller = g.company_caller
    return found


def check() -> None:
    """Let only the company in.

    Wrong tries count for the address and the key together: whoever guesses shuts out neither other addresses nor,
    with a made-up key, the real one.

    Raises:
        NotAllowedError: A page of another site asks, with credentials that the browser remembers; or the key
            may read only, or write only.
        NotSignedInError: No credentials, or wrong ones.
        TooManyError: Too many wrong ones; while that lasts, right ones are refused too.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        raise NotAllowedError("Pages of other sites can't use the platform API; call it from a server.")
    given = request.authorization
    if given is None or given.type != "basic" or not isinstance(given.username, str):
        raise NotSignedInError(MISSING)
    if not _is_our_key(given.username):
        # No row for each key that somebody makes up.
        spend = services().rate_limiter.take
        spend("wrong_keys_per_minute", customer_of(request.remote_addr), _wrong_keys_per_minute())
        raise NotSignedInError(WRONG)
    host, tries = services(), f"api:{customer_of(request.remote_addr)} {given.username}"
    throttle.check(host.database, tries, host.clock.now(), WRONG_TRIES, WINDOW_S)
    found = _find(given.username, given.password or "")
    if found is None:
        throttle.hit(host.database, tries, host.clock.now(), WRONG_TRIES, WINDOW_S)
        raise NotSignedInError(WRONG)
    _check_scope(found)
    g.company_caller = found


def ask(response: Response) -> Response:
    """Say with a 401 what is wanted."""
    if response.status_code == NotSignedInError.http_status:
        response.headers["WWW-Authenticate"] = 'Basic realm="Patchbay platform API", charset="UTF-8"'
    return response


def _is_our_key(key: str) -> bool:
    if _is_first(key):
        return True
    if not key.startswith(company_keys.PREFIX) or not key.isascii():
        return False
    with services().database.read() as connection:
        return company_keys.is_known(connection, key)


def _wrong_keys_per_minute() -> int:
    return services().settings.current().budgets.wrong_keys_per_minute


def _find(key: str, secret: str) -> Caller | None:
    if not _is_first(key):
        return _find_further(key, secret)
    ours: CompanyKey = current_app.extensions[EXTENSION]
    is_secret = hmac.compare_digest(_bytes(secret), _bytes(ours.secret))
    return Caller(None, "first", SCOPES) if is_secret else None


def _is_first(key: str) -> bool:
    ours: CompanyKey = current_app.extensions[EXTENSION]
    return hmac.compare_digest(_bytes(key), _bytes(ours.key))


def _find_further(key: str, secret: str) -> Caller | None:
    host, now = services(), services().clock.now()
    with host.database.read() as connection:
        found = company_keys.find(connection, key, secret, now)
    if found is None:
        return None
    if company_keys.is_to_note(found, now):
        with host.database.write() as connection:
            company_keys.note_use(connection, found, now)
    return Caller(found.id, found.name, found.scopes)


def _check_scope(found: Caller) -> None:
    needed = "read" if request.method in READING else "write"
    if needed not in found.scopes:
        raise NotAllowedError(f"This company key may {' and '.join(found.scopes)}, not {needed}.")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
