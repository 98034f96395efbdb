"""Registers the parts of the platform API under each of its three prefixes."""

from flask import Blueprint, Flask

from host.company import company_key
from host.config import Config
from host.web.api import calls, chats, company, credentials
from host.web.security.csrf import protect

PREFIXES = {"manager_api": "/manager/api/v1", "apps_api": "/apps/api/v1", "api": "/api/v1"}
PARTS = (calls.part, chats.part, company.part)


def init_app(app: Flask, config: Config) -> None:
    """Add the platform API; it needs no CSRF protection, since each request has its credentials."""
    app.extensions[credentials.EXTENSION] = company_key(config)
    for part in PARTS:
        protect.exempt(part)
    for name, prefix in PREFIXES.items():
        app.register_blueprint(_whole(name), url_prefix=prefix)


def _whole(name: str) -> Blueprint:
    whole = Blueprint(name, __name__)
    whole.before_request(credentials.check)
    whole.after_request(credentials.ask)
    for part in PARTS:
        whole.register_blueprint(part)
    return whole
