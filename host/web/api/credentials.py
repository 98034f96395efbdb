"""Authenticates clients of the platform API by HTTP Basic: a company key and its secret, with a limit on wrong ones.

The first key may do everything; further keys have the scope read, write or both. Secrets are compared in constant time.
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
from host.web.security import csrf
from host.web.security.access import current_user, require

EXTENSION = "patchbay-company-key"
WRONG_TRIES = 20
WINDOW_S = 60
MISSING = "Send the company key and secret with HTTP Basic authentication."
WRONG = (
    "That company key and secret don't go together; the data folder has the first key's, in company-key.json, "
    "and `patchbay keys list` names the others."
)


@dataclass(frozen=True)
class ApiClient:
    """The client whose key came with the request."""

    id: int | None
    """None for the first key."""
    name: str
    scopes: tuple[str, ...]

    @property
    def prefix(self) -> str:
        """The prefix of its idempotency keys, since two clients may choose the same key: `api`, `api-12`."""
        return "api" if self.id is None else f"api-{self.id}"

    def check_may(self, scope: str) -> None:
        """Check a scope.

        Raises:
            NotAllowedError: The key lacks it.
        """
        if scope not in self.scopes:
            raise NotAllowedError(f"This company key may {' and '.join(self.scopes)}, not {scope}.")


def api_client() -> ApiClient:
    """Return the current client; call `authenticate` before."""
    found: ApiClient = g.api_client
    return found


def authenticate() -> None:
    """Let in only clients with a valid key, whatever it may do.

    Wrong attempts are counted by address and key together, so guessing locks out neither other addresses nor, with an
    invented key, the real one.

    Raises:
        NotAllowedError: A page of another site makes the request, with credentials that the browser remembers.
        NotSignedInError: The credentials are missing or wrong.
        TooManyError: There were too many wrong ones; meanwhile right ones are refused too.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        raise NotAllowedError("Pages of other sites can't use the platform API; call it from a server.")
    given = request.authorization
    if given is None or given.type != "basic" or not isinstance(given.username, str):
        raise NotSignedInError(MISSING)
    if not _is_our_key(given.username):
        # Invented keys must not add a row each.
        spend = services().rate_limiter.take
        spend("wrong_keys_per_minute", customer_of(request.remote_addr), _wrong_keys_per_minute())
        raise NotSignedInError(WRONG)
    host, tries = services(), f"api:{customer_of(request.remote_addr)} {given.username}"
    throttle.check(host.database, tries, host.clock.now(), WRONG_TRIES, WINDOW_S)
    found = _find(given.username, given.password or "")
    if found is None:
        throttle.hit(host.database, tries, host.clock.now(), WRONG_TRIES, WINDOW_S)
        raise NotSignedInError(WRONG)
    g.api_client = found


def authenticate_or_admin() -> None:
    """Let in clients with a valid key, and signed-in admins whose request has the CSRF token unless it only reads.

    Raises:
        NotAllowedError: The user is no admin.
        NotSignedInError: There are neither credentials nor a sign-in, or they are wrong.
        TooManyError: As in `authenticate`.
    """
    user = None if request.authorization else current_user()
    if user is None:
        return authenticate()
    if request.method not in {"GET", "HEAD"}:
        csrf.check_header()
    require("admin")
    g.api_client = ApiClient(None, f"admin {user.id}", SCOPES)
    return None


def ask(response: Response) -> Response:
    """Add the challenge to an answer with status 401."""
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


def _find(key: str, secret: str) -> ApiClient | None:
    if not _is_first(key):
        return _find_further(key, secret)
    ours: CompanyKey = current_app.extensions[EXTENSION]
    is_secret = hmac.compare_digest(_bytes(secret), _bytes(ours.secret))
    return ApiClient(None, "first", SCOPES) if is_secret else None


def _is_first(key: str) -> bool:
    ours: CompanyKey = current_app.extensions[EXTENSION]
    return hmac.compare_digest(_bytes(key), _bytes(ours.key))


def _find_further(key: str, secret: str) -> ApiClient | None:
    host, now = services(), services().clock.now()
    with host.database.read() as connection:
        found = company_keys.find(connection, key, secret, now)
    if found is None:
        return None
    if company_keys.is_to_note(found, now):
        with host.database.write() as connection:
            company_keys.note_use(connection, found, now)
    return ApiClient(found.id, found.name, found.scopes)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
