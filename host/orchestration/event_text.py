"""Builds the text of an adapter event when it is sent; message texts and record URLs are not in the journal."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from host.crm.session_facts import context as contexts
from host.crm.session_facts import crm_identity, record_links
from host.crm.steps.factory import temporary_account_id
from host.crm.templates.variables import Context
from host.events.journal import Entry
from host.queues import tree
from host.sessions import messages, repository
from host.settings.document.model import Settings
from host.wire import envelope

POP = "CRM_Record_Pop"


def text(connection: Connection, entry: Entry, settings: Settings, *, now: datetime, replayed: bool) -> str | None:
    """Return the text that the adapter posts; `None` for a pop whose URL can't be built any more."""
    data = _payload(connection, entry, settings, now)
    if data is None or entry.seq is None:
        return None
    at = entry.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return envelope.build(entry.name, data, envelope.stamp(entry.ulid, entry.seq, at, replayed=replayed))


def _payload(connection: Connection, entry: Entry, settings: Settings, now: datetime) -> dict[str, Any] | None:
    data = dict(entry.data)
    if "message_id" in data:
        return data | {"message": messages.by_id(connection, data.pop("message_id")).text}
    if entry.name == POP and entry.session_id is not None:
        crm = crm_identity.current(connection, settings.crm)
        if not crm.owns(repository.get(connection, entry.session_id).crm_key):
            return None
        known = contexts.load(connection, entry.session_id, now=now, crm=crm)
        popped = replace(known, account_id=data.get("account_id"), record_id=data.get("record_id"))
        if data["reason"] == "open_custom_url":
            return _with_custom_url(connection, data, settings, popped)
        return _with_urls(data, settings, popped)
    return data


def _with_urls(data: dict[str, Any], settings: Settings, context: Context) -> dict[str, Any] | None:
    account_url = record_links.account_url(settings.crm, context)
    if data["reason"] == "account":
        return data | {"recordUrl": account_url} if account_url else None
    record_url = record_links.record_url(settings.crm, context)
    return data | {"recordUrl": record_url, "accountUrl": account_url} if record_url else None


def _with_custom_url(
    connection: Connection, data: dict[str, Any], settings: Settings, context: Context
) -> dict[str, Any] | None:
    """Add the URL of the queue's own page, with the temporary account id."""
    queue = tree.by_id(connection, context.queue_id) if context.queue_id is not None else None
    template = queue.settings.open_custom_url if queue else ""
    nobody = replace(context, account_id=temporary_account_id(context.session_id))
    url = record_links.custom_url(settings.crm, template, nobody, settings.page_hosts([template]))
    return data | {"recordUrl": url} if url else None
