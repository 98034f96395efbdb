"""Which CRM an id or a piece of work belongs to: 12 is somebody else in another one.

Every session belongs to the CRM that the settings named when it began, with its ids and its work.

Source: docs/reference/generic-api.md, Another CRM.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, update

from host.addresses import literal_host
from host.crm.auth import token_store as oauth_store
from host.crm.settings.auth import OAuth2Auth
from host.crm.settings.crm import CrmSettings, Endpoints
from host.db.tables import intents, sessions
from host.sessions.model import Session

NO_CRM = ""
KEY_MAX = 200
_BASE_URL = "{base_url}"


@dataclass(frozen=True)
class CrmIdentity:
    """One CRM, told from others."""

    key: str
    """`api.crm.example, files.crm.example`: the endpoints' hosts, or what the settings call it; empty: no CRM."""
    before_sign_in: str
    """Its key while OAuth has not told the API's address yet; else the same."""

    def owns(self, key: str | None) -> bool:
        """Tell whether ids that carry this key are ids of this CRM."""
        return key in {self.key, self.before_sign_in}

    def may_do(self, column: ColumnElement[str | None]) -> ColumnElement[bool]:
        """Return the condition that work with this key may be done here; work without one is not bound to any yet."""
        return may_do(column, self.key, self.before_sign_in)

    def seen(self, session: Session) -> Session:
        """Return the session without the ids of another CRM."""
        return session if self.owns(session.crm_key) else replace(session, account_id=None, record_id=None)


def may_do(column: ColumnElement[str | None], key: Any, before_sign_in: Any) -> ColumnElement[bool]:
    """Return `CrmIdentity.may_do` for keys that may be parameters of a query made once."""
    return or_(column.is_(None), column == key, column == before_sign_in)


def current(connection: Connection, settings: CrmSettings) -> CrmIdentity:
    """Return the CRM that the settings name."""
    return identity_of(settings, oauth_store.base_url(connection))


def identity_of(settings: CrmSettings, base_url: str = "") -> CrmIdentity:
    """Return the CRM that the settings name.

    A new password or path is the same CRM; another host, or another kind, is another one.

    Args:
        settings: Their `key` wins over the hosts.
        base_url: What `{BASE_URL}` stands for; empty: no token answer has told it yet.
    """
    if settings.type == "none":
        return CrmIdentity(NO_CRM, NO_CRM)
    if settings.key:
        return CrmIdentity(settings.key, settings.key)
    hosts = {host_of(url) for url in _urls(settings)}
    sign_in = settings.auth.token_url if isinstance(settings.auth, OAuth2Auth) else _BASE_URL
    return CrmIdentity(_key(hosts, base_url or sign_in), _key(hosts, sign_in))


def host_of(url: str) -> str:
    """Return a URL's host as it stands in keys: `crm.example`, `localhost:8001`, `{base_url}`."""
    if url.lower().startswith(_BASE_URL):
        return _BASE_URL
    # Where a variable decides, the way it is written tells one CRM from another.
    return literal_host(url) or url.partition("://")[2].partition("/")[0].lower()


def label_of(key: str | None) -> str:
    """Say which CRM a key stands for."""
    return key or "no CRM"


def bind(connection: Connection, session_id: int, key: str) -> None:
    """Note to which CRM a session belongs, with all its work."""
    connection.execute(update(sessions).where(sessions.c.id == session_id).values(crm_key=key))
    connection.execute(update(intents).where(intents.c.session_id == session_id).values(crm_key=key))


def _urls(settings: CrmSettings) -> Iterator[str]:
    for name in Endpoints.model_fields:
        endpoint = getattr(settings.endpoints, name)
        if endpoint is not None:
            yield endpoint.url


def _key(hosts: set[str], base_url: str) -> str:
    known = {host_of(base_url) if host == _BASE_URL else host for host in hosts}
    key = ", ".join(sorted(known))
    if len(key) <= KEY_MAX:
        return key
    return f"{key[: KEY_MAX - 20]}... {hashlib.sha256(key.encode()).hexdigest()[:16]}"
