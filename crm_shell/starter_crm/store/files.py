"""Stores the bytes of attachments."""

from sqlalchemy import Connection, insert, select

from crm_shell.starter_crm.errors import MissingError
from crm_shell.starter_crm.store import entries
from crm_shell.starter_crm.store.kinds import ATTACHMENT, JsonObject
from crm_shell.starter_crm.store.tables import contents


def attach(connection: Connection, record_id: int, values: JsonObject, data: bytes) -> JsonObject:
    """Keep a file with its record and return the attachment, as the API shows it."""
    attachment = entries.create(connection, ATTACHMENT, values, record_id=record_id, size=len(data))
    connection.execute(insert(contents).values(attachment_id=attachment["id"], data=data))
    return attachment


def read(connection: Connection, record_id: int, attachment_id: int) -> tuple[JsonObject, bytes]:
    """Return an attachment of this record, and its bytes.

    Raises:
        MissingError: There is none, or it belongs to another record.
    """
    attachment = entries.get(connection, ATTACHMENT, attachment_id)
    if attachment["record_id"] != record_id:
        raise MissingError(f"There is no attachment {attachment_id} in record {record_id}.")
    data = connection.execute(select(contents.c.data).where(contents.c.attachment_id == attachment_id)).scalar_one()
    return attachment, bytes(data)
