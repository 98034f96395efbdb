"""Opens the files of uploads, and plans the comments that link to them.

Source: docs/reference/generic-api.md, Upload a file.
"""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from host.crm.intents import intents
from host.crm.intents.intents import Intent
from host.crm.intents.step_input import Upload
from host.crm.session_facts import record_links
from host.crm.settings.crm import CrmSettings
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.variables import Context, SessionFile, Variables
from host.errors import CrmRejectedError


def file_of(intent: Intent) -> Upload:
    """Return the input of an upload step.

    Raises:
        CrmRejectedError: The row names no file.
    """
    if not isinstance(intent.input, Upload):
        raise CrmRejectedError("upload_file", "its row does not say which file it is about")
    return intent.input


def open_file(folder: Path, upload: Upload) -> SessionFile:
    """Open the file of an upload.

    Args:
        folder: The base folder of its path.
        upload: The file.

    Raises:
        CrmRejectedError: The file does not exist any more.
    """
    path = folder / upload.path
    if not path.is_file():
        raise CrmRejectedError("upload_file", f"the file {upload.path} is not in the data folder any more")
    return SessionFile(upload.name, upload.type, upload.kind, path.stat().st_size, path.read_bytes)


def plan_comment(connection: Connection, upload: Intent, settings: CrmSettings, now: datetime) -> None:
    """Plan a comment with the file's link, if the settings want one."""
    endpoint = settings.endpoint("upload_file")
    if endpoint is None or not endpoint.add_comment or settings.endpoint("add_comment") is None:
        return
    snapshot = replace(file_of(upload).snapshot, event="upload", details={"upload": upload.occurrence})
    intents.plan(connection, upload.session_id, "comment", f"upload:{upload.occurrence}", now=now, input=snapshot)


def details(upload: Intent, endpoint: Endpoint, context: Context) -> dict[str, Any]:
    """Return the details of the comment on an upload: `{"name", "url"}`; no URL when the CRM sent none."""
    attachment = upload.result.attachment
    found: dict[str, Any] = {"name": file_of(upload).name}
    if endpoint.attachment is None:
        return found
    if endpoint.attachment.type == "url":
        return found if attachment is None else {**found, "url": attachment}
    variables = Variables(context).with_context(saved={**context.saved, **upload.result.saved})
    link = record_links.attachment_link(endpoint.attachment.url, variables, attachment)
    return {**found, "url": link} if isinstance(link, str) else found
