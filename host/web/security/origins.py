"""Who opens WebSockets and signs in: pages of ours only, as adapters and consumer page are wherever they are framed."""

from flask import request

from host import hosts
from host.errors import NotAllowedError
from host.services import Services


def is_own(services: Services) -> bool:
    """Tell whether the browser says that a page of ours asks; a request without Origin counts as foreign."""
    origin = request.headers.get("Origin", "")
    return any(hosts.is_same_origin(origin, own) for own in (services.config.public_url, request.host_url))


def check(services: Services) -> None:
    """Refuse a socket that a page of another origin opens.

    Raises:
        NotAllowedError: The Origin header is missing or another's.
    """
    if not is_own(services):
        raise NotAllowedError("WebSockets are for our own pages only.")
