"""Configures the session cookie, which must work in frames on other companies' pages.

Where browsers block third-party cookies, only partitioned cookies work, and only with https or on loopback.
The cookie contains only the sign-in token and the CSRF secret.
"""

from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from host import hosts
from host.config import Config

COOKIE = "__Host-patchbay"


def configure(app: Flask, config: Config) -> None:
    """Set the cookie's attributes, and trust as many proxies as configured."""
    app.config.update(
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="None",
        SESSION_COOKIE_PARTITIONED=True,
        SESSION_COOKIE_PATH="/",
    )
    if hops := config.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def check_public_url(config: Config) -> str | None:
    """Return why signing in at the public URL can't work, or None."""
    parts = urlsplit(config.public_url)
    if parts.scheme == "https" or hosts.is_loopback(parts.hostname or ""):
        return None
    return (
        f"Nobody can sign in at {config.public_url}: browsers keep our cookie only for https or for this "
        "machine itself. Put a TLS proxy in front and set PATCHBAY_PUBLIC_URL to its https address."
    )
