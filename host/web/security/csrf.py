"""Protection against forged requests: a token in the form or in the header `X-CSRF-Token`.

Blueprints with credentials of their own in every request are exempt: `protect.exempt(blueprint)`.
"""

from flask import Flask, request
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf, validate_csrf

HEADER = "X-CSRF-Token"

protect = CSRFProtect()


def init_app(app: Flask) -> None:
    """Check every request that changes something."""
    app.config.update(
        WTF_CSRF_HEADERS=[HEADER],
        WTF_CSRF_TIME_LIMIT=None,  # adapters stay open all day; the token lasts as long as the cookie
        WTF_CSRF_SSL_STRICT=False,  # the token is proof enough; a referrer is not always sent in frames
    )
    protect.init_app(app)


def check_header() -> None:
    """Refuse a request without our token in its header, whatever its method.

    Raises:
        CSRFError: It is missing, or none of ours.
    """
    try:
        validate_csrf(request.headers.get(HEADER))
    except ValueError as error:
        raise CSRFError(str(error)) from error


def token() -> str:
    """Make the token for a page's config, where scripts find it."""
    return str(generate_csrf())
