"""Under which names we answer, so that no page gets at us by a name of its own that it lets lead here.

A page on `http://evil.example` whose name leads to our address a moment later ("DNS rebinding") is of our origin
to its browser; what gives it away is the name that it asks for.
"""

from urllib.parse import urlsplit

from flask import Flask, request

from host import hosts
from host.addresses import shortened
from host.config import Config
from host.errors import MisdirectedError

FOR_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Reached by whatever address the machine has; they show nothing to who has no company key."""


def init_app(app: Flask, config: Config) -> None:
    """Refuse what asks for another host, before anything looks at it: pages, API and sockets."""

    @app.before_request
    def check() -> None:
        if request.path not in FOR_PROBES and not is_ours(request.host, config):
            raise MisdirectedError(shortened(request.host), config.public_url)


def is_ours(host: str, config: Config) -> bool:
    """Tell whether a request's host is one of ours; on any port, since proxies and containers map those.

    Args:
        host: `patchbay.example:8443`, as the browser or a trusted proxy says.
        config: With the public URL and the further hosts.
    """
    try:
        name = hosts.without_port(host)
    except ValueError:
        return False
    if hosts.is_loopback(name):  # nobody else's name: it is a program on this machine
        return True
    return name in {hosts.without_port(urlsplit(config.public_url).netloc), *config.allowed_hosts}
