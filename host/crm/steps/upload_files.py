"""Files on their way to the CRM: opened where they lie, and linked to in a comment afterwards.

Source: docs/reference/generic-api.md, Upload a file.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from host.crm.intents import intents
from host.crm.intents.intents import Intent
from host.crm.session_facts import record_links
from host.crm.settings.crm import CrmSettings
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.variables import Context, SessionFile, Variables
from host.errors import CrmRejectedError


def opened(folder: Path, kept: Mapping[str, Any]) -> SessionFile:
    """Return the file that an upload is about.

    Args:
        folder: Where `path` starts from.
        kept: `{"path", "name", "type", "kind"}`.

    Raises:
        CrmRejectedError: It isn't there any more.
    """
    path = folder / kept["path"]
    if not path.is_file():
        raise CrmRejectedError("upload_file", f"the file {kept['path']} is not in the data folder any more")
    return SessionFile(kept["name"], kept["type"], kept["kind"], path.stat().st_size, path.read_bytes)


def delete_copy(folder: Path, kept: Mapping[str, Any]) -> None:
    """Remove the copy of a file that was made for its upload."""
    with suppress(OSError):  # it stays where it is, and hurts nobody
        (folder / kept["path"]).unlink(missing_ok=True)


def plan_comment(connection: Connection, upload: Intent, settings: CrmSettings, now: datetime) -> None:
    """Make a comment with the file's link due, where the settings want one."""
    endpoint = settings.endpoint("upload_file")
    if endpoint is None or not endpoint.add_comment or settings.endpoint("add_comment") is None:
        return
    kept = {name: upload.input[name] for name in ("at", "status", "agent_id")}
    given = {"event": "upload", **kept, "details": {"upload": upload.occurrence}}
    intents.plan(connection, upload.session_id, "comment", f"upload:{upload.occurrence}", now=now, input=given)


def details(upload: Intent, endpoint: Endpoint, context: Context) -> dict[str, Any]:
    """Return what the comment tells of an upload: `{"name", "url"}`; no address where the CRM told none."""
    result = upload.result or {}
    attachment = result.get("attachment")
    found: dict[str, Any] = {"name": upload.input["name"]}
    if endpoint.attachment is None:
        return found
    if endpoint.attachment.type == "url":
        return found if attachment is None else {**found, "url": attachment}
    variables = Variables(context).with_context(saved={**context.saved, **result.get("saved", {})})
    link = record_links.attachment_link(endpoint.attachment.url, variables, attachment)
    return {**found, "url": link} if isinstance(link, str) else found
