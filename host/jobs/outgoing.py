"""The text of an adapter event, made when it is sent: message texts and record URLs are not in the journal."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from host.crm import links
from host.events.journal import Entry
from host.sessions import messages
from host.settings.model import Settings
from host.wire import envelope

POP = "CRM_Record_Pop"


def text(connection: Connection, entry: Entry, settings: Settings, *, replayed: bool) -> str | None:
    """Return what the adapter posts; `None` for a pop whose URL can no longer be built."""
    data = _payload(connection, entry, settings)
    if data is None or entry.seq is None:
        return None
    at = entry.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return envelope.build(entry.name, data, envelope.stamp(entry.ulid, entry.seq, at, replayed=replayed))


def _payload(connection: Connection, entry: Entry, settings: Settings) -> dict[str, Any] | None:
    data = dict(entry.data)
    if "message_id" in data:
        return data | {"message": messages.by_id(connection, data.pop("message_id")).text}
    return _with_urls(data, settings) if entry.name == POP else data


def _with_urls(data: Mapping[str, Any], settings: Settings) -> dict[str, Any] | None:
    account_url = links.account_url(settings.crm, data.get("account_id"))
    record_url = links.record_url(settings.crm, data.get("account_id"), data.get("record_id"))
    if data["reason"] == "account":
        return dict(data) | {"recordUrl": account_url} if account_url else None
    return dict(data) | {"recordUrl": record_url, "accountUrl": account_url} if record_url else None
