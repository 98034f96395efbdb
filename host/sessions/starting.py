"""Starts a session, call or chat: checks the request and inserts the row.

A repeated start with the same idempotency key returns the session that exists.

Source: docs/reference/platform-api.md, Starting a call or chat.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from host.db.engine import advisory_lock
from host.errors import FieldsError, RepeatedKeyError
from host.queues import tree
from host.queues.tree import Queue
from host.sessions import participants, repository, used_tokens
from host.sessions.custom_data import UsedToken
from host.sessions.model import CrmId, Session
from host.users import directory

BY_CONSUMER = "consumer"
"""A value of `details.person_from`: the consumer entered name, phone and e-mail."""


@dataclass(frozen=True, kw_only=True)
class NewSession:
    """A session that a consumer's page or a gateway starts."""

    type: str
    """A key of `host.wire.session_types`."""
    queue: str | None = None
    """`Developers / James`."""
    menu_id: int | None = None
    """The queue's id, as an alternative to its path."""
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    identifier: str | None = None
    lang: str | None = None
    """None: the queue's."""
    custom_data: Mapping[str, Any] = field(default_factory=dict)
    is_verified: bool = False
    """Whether signed data says that the customer is verified."""
    token: UsedToken | None = None
    """The token of the signed data, if it may be used once."""
    device_type: str | None = None
    """iOS, Android, Web, Phone; None: Web if the type is a web type."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """support_number, outbound_number, campaign_id, custom_sip_headers, ...: stored unchanged."""
    agent_email: str | None = None
    """The agent whom the session is for, such as the agent of an outbound session."""
    account_id: CrmId | None = None
    """An existing account of the CRM to use."""
    record_id: CrmId | None = None
    """An existing record of the CRM to use."""
    idempotency_key: str | None = None
    """With a prefix, since all sources share one column: `api:4711`."""
    request_hash: str | None = None
    """Hash of the whole request that has the key."""


def find_repeated(connection: Connection, new: NewSession) -> Session | None:
    """Lock the idempotency key and return the session that was started with it; None if none was.

    Raises:
        RepeatedKeyError: Another request used the key.
    """
    if new.idempotency_key is None:
        return None
    advisory_lock(connection, new.idempotency_key)
    return find_by_key(connection, new.idempotency_key, new.request_hash)


def find_by_key(connection: Connection, key: str, request_hash: str | None) -> Session | None:
    """Return the session that was started with a key.

    Raises:
        RepeatedKeyError: Another request used the key.
    """
    found = repository.by_idempotency_key(connection, key)
    if found is not None and found.request_hash != request_hash:
        raise RepeatedKeyError
    return found


def insert(
    connection: Connection, new: NewSession, known_types: tuple[str, ...], now: datetime, **values: Any
) -> Session:
    """Insert the session, its end user if they are new, and the first journal row.

    Args:
        known_types: The allowed types.
        values: Columns besides those that `new` fills.

    Raises:
        FieldsError: There is no such type, queue or agent, or the token was used before.
    """
    channel = values["channel"]
    if new.type not in known_types:
        raise FieldsError({f"{channel}_type": f"found {new.type!r}; known are {', '.join(known_types)}"})
    queue = find_queue(connection, new.queue, new.menu_id)
    used_tokens.use(connection, new.token)
    details = {"device_type": new.device_type or _device_of(new.type), **new.details}
    details |= {"is_verified": True} if new.is_verified else {}
    lang = new.lang or (queue.lang if queue else "en")
    person = repository.find_or_add_end_user(
        connection, now, identifier=new.identifier, name=new.name, email=new.email, phone=new.phone, lang=lang
    )
    session = repository.insert(
        connection,
        now=now,
        type=new.type,
        lang=lang,
        queue_id=queue.id if queue else None,
        end_user_id=person.id,
        kept_for=_agent_by_email(connection, new.agent_email),
        account_id=new.account_id,
        record_id=new.record_id,
        custom_data=dict(new.custom_data),
        details=details,
        idempotency_key=new.idempotency_key,
        request_hash=new.request_hash,
        **values,
    )
    participants.add(
        connection,
        session.id,
        "end_user",
        now=now,
        end_user_id=person.id,
        phone_number=person.phone,
        status="connected" if channel == "chat" else "connecting",
    )
    return session


def find_queue(connection: Connection, path: str | None, menu_id: int | None) -> Queue | None:
    """Return the queue that a request names by its path, its id or both; None if it names none.

    Raises:
        FieldsError: There is no such queue, or the two are different ones.
    """
    by_path = tree.by_path(connection, path) if path else None
    if path and by_path is None:
        paths = ", ".join(tree.path_text(known) for known in tree.all(connection))
        raise FieldsError({"queue": f"found {path!r}; known are {paths}"})
    if menu_id is None:
        return by_path
    by_id = tree.by_id(connection, menu_id)
    if by_id is None:
        ids = ", ".join(f"{known.id} ({tree.path_text(known)})" for known in tree.all(connection))
        raise FieldsError({"menu_id": f"found {menu_id}; known are {ids}"})
    if by_path is not None and by_path != by_id:
        raise FieldsError({"menu_id": f"found {menu_id}, but queue says {by_path.id}; give one of them"})
    return by_id


def _agent_by_email(connection: Connection, email: str | None) -> int | None:
    if email is None:
        return None
    user = directory.by_email(connection, email)
    if user is None or not user.is_active or "agent" not in user.roles:
        raise FieldsError({"agent_email": f"found {email!r}; it must be the e-mail of one of our agents"})
    return user.id


def _device_of(kind: str) -> str | None:
    return "Web" if kind.endswith("_web") else None
