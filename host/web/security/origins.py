"""Checks the `Origin` header of WebSockets and sign-ins: only our own pages may make these requests."""

from flask import request

from host import hosts
from host.errors import NotAllowedError
from host.services import Services


def is_own(services: Services) -> bool:
    """Tell whether the Origin is ours; a request without Origin counts as foreign."""
    origin = request.headers.get("Origin", "")
    return any(hosts.is_same_origin(origin, own) for own in (services.config.public_url, request.host_url))


def check(services: Services) -> None:
    """Refuse a socket of a page of another origin.

    Raises:
        NotAllowedError: The Origin header is missing or not ours.
    """
    if not is_own(services):
        raise NotAllowedError("WebSockets are for our own pages only.")
