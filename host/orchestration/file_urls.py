"""Chooses the address by which lists show a session's file: ours, or the CRM's.

Source: docs/reference/files.md, Addresses.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from host.crm.intents import intents
from host.crm.session_facts import context as contexts
from host.crm.session_facts import crm_identity
from host.crm.settings.crm import CrmSettings
from host.crm.steps import upload_files
from host.files.session_files import SessionFile
from host.orchestration import file_routes
from host.settings.document.model import Settings

UrlOf = Callable[[SessionFile], str]


def shown(connection: Connection, settings: Settings, now: datetime, permanent: UrlOf) -> UrlOf:
    """Return the addresses that the settings want to be shown.

    Args:
        connection: A reading one will do; used by the function that is returned.
        settings: `external_storage.show_urls` chooses.
        now: The current time.
        permanent: Returns the address at this host.
    """
    if settings.external_storage.show_urls == "external":
        return permanent
    return lambda file: in_crm(connection, settings.crm, file, now) or permanent(file)


def in_crm(connection: Connection, crm: CrmSettings, file: SessionFile, now: datetime) -> str | None:
    """Return the address of a file in the CRM; None while it isn't there, or when the CRM has none for it."""
    endpoint = crm.endpoint("upload_file")
    if endpoint is None:
        return None
    for version in range(file.version, 0, -1):
        occurrence = file_routes.occurrence(replace(file, version=version))
        upload = intents.by_step(connection, file.session_id, "upload", occurrence)
        if upload is not None and upload.state == "done" and upload.result.skipped is None:
            ours = crm_identity.current(connection, crm)
            facts = contexts.load(connection, file.session_id, now=now, crm=ours)
            url: str | None = upload_files.details(upload, endpoint, facts).get("url")
            return url
    return None
