"""HTTP Basic: the company's key and secret, compared in constant time, with a limit on wrong ones."""

import hmac

from flask import Response, current_app, request

from host.client_address import customer_of
from host.company import CompanyKey
from host.errors import NotAllowedError, NotSignedInError
from host.users import throttle
from host.web.services import services

EXTENSION = "patchbay-company-key"
WRONG_TRIES = 20
WINDOW_S = 60
MISSING = "Send the company key and secret with HTTP Basic authentication."
WRONG = "That company key and secret don't go together; the data folder has them, in company-key.json."


def check() -> None:
    """Let only the company in.

    Wrong tries count for the address and the key together: whoever guesses shuts out neither other addresses nor,
    with a made-up key, the real one.

    Raises:
        NotAllowedError: A page of another site asks, with credentials that the browser remembers.
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
        spend = services().spending.spend
        spend("wrong_keys_per_minute", customer_of(request.remote_addr), _wrong_keys_per_minute())
        raise NotSignedInError(WRONG)
    host, tries = services(), f"api:{customer_of(request.remote_addr)} {given.username}"
    throttle.check(host.database, tries, host.clock.now(), WRONG_TRIES, WINDOW_S)
    if not _is_ours(given.username, given.password or ""):
        throttle.hit(host.database, tries, host.clock.now(), WRONG_TRIES, WINDOW_S)
        raise NotSignedInError(WRONG)


def ask(response: Response) -> Response:
    """Say with a 401 what is wanted."""
    if response.status_code == NotSignedInError.http_status:
        response.headers["WWW-Authenticate"] = 'Basic realm="Patchbay platform API", charset="UTF-8"'
    return response


def _is_our_key(key: str) -> bool:
    ours: CompanyKey = current_app.extensions[EXTENSION]
    return hmac.compare_digest(key.encode(), ours.key.encode())


def _wrong_keys_per_minute() -> int:
    return services().settings.current().budgets.wrong_keys_per_minute


def _is_ours(key: str, secret: str) -> bool:
    ours: CompanyKey = current_app.extensions[EXTENSION]
    is_key = hmac.compare_digest(key.encode(), ours.key.encode())
    is_secret = hmac.compare_digest(secret.encode(), ours.secret.encode())
    return is_key and is_secret
