"""Identifies the CRM that ids and work belong to, because id 12 is another account in another CRM.

Every session belongs to the CRM that the settings named when it began, together with its ids and its work.

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
    """The keys of one CRM."""

    key: str
    """`api.crm.example, files.crm.example`: the endpoints' hosts, or `key` of the settings; empty: no CRM."""
    before_sign_in: str
    """Its key while the API's address of OAuth is not known yet; else the same."""

    def owns(self, key: str | None) -> bool:
        """Tell whether ids with this key belong to this CRM."""
        return key in {self.key, self.before_sign_in}

    def owns_work(self, column: ColumnElement[str | None]) -> ColumnElement[bool]:
        """Return the SQL condition for work of this CRM; work without a key may be done by any CRM."""
        return owns_work(column, self.key, self.before_sign_in)

    def without_foreign_ids(self, session: Session) -> Session:
        """Return the session without the ids of another CRM."""
        return session if self.owns(session.crm_key) else replace(session, account_id=None, record_id=None)


def owns_work(column: ColumnElement[str | None], key: Any, before_sign_in: Any) -> ColumnElement[bool]:
    """Return the condition of `CrmIdentity.owns_work`; the keys may be bind parameters."""
    return or_(column.is_(None), column == key, column == before_sign_in)


def current(connection: Connection, settings: CrmSettings) -> CrmIdentity:
    """Return the CRM that the settings name, with the stored `{BASE_URL}`."""
    return identity_of(settings, oauth_store.base_url(connection))


def identity_of(settings: CrmSettings, base_url: str = "") -> CrmIdentity:
    """Return the CRM that the settings name.

    With a new password or path it is the same CRM; with another host or `type` it is another CRM.

    Args:
        settings: Their `key` wins over the hosts.
        base_url: The value of `{BASE_URL}`; empty: not known yet.
    """
    if settings.type == "none":
        return CrmIdentity(NO_CRM, NO_CRM)
    if settings.key:
        return CrmIdentity(settings.key, settings.key)
    hosts = {host_of(url) for url in _urls(settings)}
    sign_in = settings.auth.token_url if isinstance(settings.auth, OAuth2Auth) else _BASE_URL
    return CrmIdentity(_key(hosts, base_url or sign_in), _key(hosts, sign_in))


def host_of(url: str) -> str:
    """Return a URL's host as keys contain it: `crm.example`, `localhost:8001`, `{base_url}`."""
    if url.lower().startswith(_BASE_URL):
        return _BASE_URL
    # For a host with variables, the text of the template identifies the CRM.
    return literal_host(url) or url.partition("://")[2].partition("/")[0].lower()


def label_of(key: str | None) -> str:
    """Return a key in words."""
    return key or "no CRM"


def bind(connection: Connection, session_id: int, key: str) -> None:
    """Assign a session and all its work to a CRM."""
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
