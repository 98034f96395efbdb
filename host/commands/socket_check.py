"""Checks that a WebSocket can be opened at the public URL, through the proxy in front."""

import base64
import hashlib
import http.client
import secrets
import ssl
from urllib.parse import urlsplit

from host import hosts
from host.config import Config
from host.gate import strict

PATH = "/agent/socket"
TIMEOUT_S = 5.0
SWITCHING = 101
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455: the server's answer to the key is made with this."""
DOCS = 'docs/operations.md, "Behind a proxy", has an example'

ADVICE = {
    403: "another origin or host arrives than browsers see; let the proxy pass on Host, and set PATCHBAY_PUBLIC_URL",
    421: "another host arrives than browsers ask for; let the proxy pass on Host, or set PATCHBAY_ALLOWED_HOSTS",
    502: "the proxy can't reach Patchbay; look at the address and port that it passes requests on to",
    503: "the proxy can't reach Patchbay; look at the address and port that it passes requests on to",
    504: "the proxy can't reach Patchbay; look at the address and port that it passes requests on to",
}
NO_UPGRADE = "let the proxy speak HTTP/1.1 to Patchbay and pass on the headers Upgrade and Connection"


def runs(config: Config) -> bool:
    """Tell whether a web process of Patchbay answers on this machine."""
    connection = http.client.HTTPConnection(hosts.reachable(config.bind), config.port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/healthz")
        return bool(strict.read(connection.getresponse().read(1024)) == {"status": "ok"})
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()


def problem(public_url: str) -> str:
    """Return why no WebSocket opens at the public URL, and what to check; empty when one does."""
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    asking = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
        "Origin": public_url,
    }
    connection = _connection(public_url)
    try:
        connection.request("GET", PATH, headers=asking)
        answer = connection.getresponse()
        return _about(answer.status, answer.headers.get("Sec-WebSocket-Accept", ""), key)
    except ssl.SSLError as error:
        return f"TLS fails ({error.reason or error}); look at the proxy's certificate, whose whole chain must be sent."
    except (OSError, http.client.HTTPException) as error:
        return f"nothing answers there ({error or type(error).__name__}); look at the proxy and at PATCHBAY_PUBLIC_URL."
    finally:
        connection.close()


def _connection(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    if parts.scheme == "https":
        return http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_S)


def _about(status: int, accepted: str, key: str) -> str:
    if status != SWITCHING:
        return f"it is answered {status} instead of {SWITCHING}: {ADVICE.get(status, NO_UPGRADE)}; {DOCS}."
    expected = base64.b64encode(hashlib.sha1(f"{key}{GUID}".encode(), usedforsecurity=False).digest()).decode()
    return "" if accepted == expected else f"another server than Patchbay answers there: {NO_UPGRADE}; {DOCS}."
