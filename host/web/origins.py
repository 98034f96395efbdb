"""Whose pages may open a WebSocket: our own only, since adapters and consumer page are ours wherever they are framed."""

from flask import request

from host.errors import NotAllowedError
from host.services import Services


def check(services: Services) -> None:
    """Refuse a socket that a page of another origin opens.

    Raises:
        NotAllowedError: The Origin header is missing or another's.
    """
    own = {services.config.public_url, request.host_url.rstrip("/")}
    if request.headers.get("Origin") not in own:
        raise NotAllowedError("WebSockets are for our own pages only.")
