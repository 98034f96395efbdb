"""Protection against forged requests: a token in the form or in the header `X-CSRF-Token`.

Blueprints whose requests all have their own credentials are exempt: `protect.exempt(blueprint)`.
"""

from flask import Flask, request
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf, validate_csrf

HEADER = "X-CSRF-Token"

protect = CSRFProtect()


def init_app(app: Flask) -> None:
    """Check every request that may change something."""
    app.config.update(
        WTF_CSRF_HEADERS=[HEADER],
        WTF_CSRF_TIME_LIMIT=None,  # adapters stay open all day; the token lasts as long as the cookie
        WTF_CSRF_SSL_STRICT=False,  # the token is enough; browsers don't always send a referrer in frames
    )
    protect.init_app(app)


def check_header() -> None:
    """Refuse a request of any method without a valid token in its header.

    Raises:
        CSRFError: The token is missing or invalid.
    """
    try:
        validate_csrf(request.headers.get(HEADER))
    except ValueError as error:
        raise CSRFError(str(error)) from error


def token() -> str:
    """Return a token for the page's configuration, which scripts read."""
    return str(generate_csrf())
