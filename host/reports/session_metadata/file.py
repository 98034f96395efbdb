"""Writes the metadata document of a session as a file.

Source: docs/reference/files.md, Session metadata.
"""

from datetime import datetime

from sqlalchemy import Connection

from host.crm.settings.crm import CrmSettings
from host.gate import writing
from host.reports.session_metadata.document import document
from host.reports.session_metadata.file_parts import UrlOf
from host.sessions import repository

MEDIA_TYPE = "application/json"


def render(connection: Connection, session_id: int, crm: CrmSettings, *, url_of: UrlOf, now: datetime) -> bytes:
    """Return the document of a session that has ended, as UTF-8; the same facts give the same bytes.

    Args:
        connection: A reading one will do.
        session_id: 103646.
        crm: Holds the lookup URLs; ids of another CRM are left out.
        url_of: Returns the address of a file.
        now: The current time; it is in no file of a session that has ended.

    Raises:
        NotFoundError: There is no such session.
    """
    session = repository.get(connection, session_id)
    made = document(connection, session, crm, url_of=url_of, now=now).model_dump(mode="json", by_alias=True)
    return (writing.text(made, indent=2) + "\n").encode()
