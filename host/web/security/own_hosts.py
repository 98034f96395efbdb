"""Refuses requests for foreign host names, which prevents DNS rebinding.

When `evil.example` resolves to our address, browsers treat its page and our answers as one origin. The `Host` header
shows the foreign name.
"""

from urllib.parse import urlsplit

from flask import Flask, request

from host import hosts
from host.addresses import shortened
from host.config import Config
from host.errors import MisdirectedError

FOR_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Answered for any host name; without a company key they show nothing private."""


def init_app(app: Flask, config: Config) -> None:
    """Refuse requests for other hosts before any other check: pages, API and sockets."""

    @app.before_request
    def check() -> None:
        if request.path not in FOR_PROBES and not is_ours(request.host, config):
            raise MisdirectedError(shortened(request.host), config.public_url)


def is_ours(host: str, config: Config) -> bool:
    """Tell whether a request's host is one of ours, with any port, since proxies and containers map ports.

    Args:
        host: `patchbay.example:8443`, from the browser or a trusted proxy.
        config: Has the public URL and the further hosts.
    """
    try:
        name = hosts.without_port(host)
    except ValueError:
        return False
    if hosts.is_loopback(name):  # only programs on this machine can use it
        return True
    return name in {hosts.without_port(urlsplit(config.public_url).netloc), *config.allowed_hosts}
