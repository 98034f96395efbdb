"""Protection against forged requests: a token in the form or in the header `X-CSRF-Token`.

Blueprints with credentials of their own in every request are exempt: `protect.exempt(blueprint)`.
"""

from flask import Flask
from flask_wtf.csrf import CSRFProtect, generate_csrf

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


def token() -> str:
    """Make the token for a page's config, where scripts find it."""
    return str(generate_csrf())
