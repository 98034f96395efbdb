"""Checks credentials and certificates for the CRM, as far as possible without a request.

They are checked on import only, so that stored values stay valid.

Source: docs/reference/generic-api.md, Authentication.
"""

import ssl
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from host.addresses import shortened
from host.crm.settings.auth import BasicAuth, BearerAuth, OAuth2Auth
from host.crm.settings.crm import CrmSettings
from host.settings.problems import Location

Problem = tuple[Location, str]

PEM = "the absolute path of a PEM file on this machine, or an empty text"


def problems(crm: CrmSettings) -> Iterator[Problem]:
    """Yield credentials that are empty, and files that can't be read."""
    for name, needed in _needed(crm):
        given = getattr(crm.auth, name)
        text = given.get_secret_value() if isinstance(given, SecretStr) else given
        if not text.strip():
            yield ("crm", "auth", name), f"is empty; needed: {needed}"
    for name in ("ca_bundle", "client_certificate"):
        path = getattr(crm, name)
        if path and (reason := _refusal(name, Path(path))):
            yield ("crm", name), f"found {shortened(path)}, {reason}; allowed: {PEM}"


def _needed(crm: CrmSettings) -> Iterator[tuple[str, str]]:
    auth = crm.auth
    if isinstance(auth, BasicAuth):
        yield "username", "the user name that the CRM's API knows"
    elif isinstance(auth, BearerAuth):
        yield "token", "the token that the CRM has issued"
    elif isinstance(auth, OAuth2Auth):
        yield "client_secret", "the secret that the CRM has issued for this client"
        if auth.grant == "authorization_code":
            yield "authorization_url", "the page of the CRM where an admin allows the access"


def _refusal(name: str, path: Path) -> str:
    """Return why TLS can't use a file; empty when it can."""
    if not path.is_absolute():
        return "which isn't absolute, and each process may look for it elsewhere"
    try:
        path.read_bytes()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if name == "ca_bundle":
            context.load_verify_locations(cafile=path)
        else:
            context.load_cert_chain(path, password=_no_password)
    except ssl.SSLError:
        what = "certificate of an authority" if name == "ca_bundle" else "certificate with its key, not encrypted"
        return f"which holds no {what}"
    except OSError as error:
        return f"which can't be read ({error.strerror})"
    return ""


def _no_password() -> str:
    return ""  # without it the library would ask at the terminal
