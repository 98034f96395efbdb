"""Reads an uploaded file: a multipart part, or base64 in JSON."""

import base64
import binascii
import re
from dataclasses import dataclass

from flask import request

from crm_shell.starter_crm.api.reading import json_object
from crm_shell.starter_crm.errors import FieldsError
from crm_shell.starter_crm.store.kinds import ATTACHMENT, JsonObject, check

UNKNOWN_TYPE = "application/octet-stream"
NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Upload:
    """A file and what was said about it."""

    values: JsonObject
    data: bytes


def read_upload() -> Upload:
    """Return the file in the request.

    Raises:
        FieldsError: No file, or no usable name, type or data.
        MalformedError: The body is neither multipart nor JSON.
    """
    return _multipart() if request.mimetype == "multipart/form-data" else _base64()


def plain_name(name: str) -> str:
    r"""Return a file's name without folders and invisible characters: ``..\a/b.txt`` -> ``b.txt``."""
    return NOT_IN_NAMES.sub("", name).replace("\\", "/").rpartition("/")[2].strip(" .")[-255:]


def _multipart() -> Upload:
    part = request.files.get("file")
    if part is None:
        found = ", ".join(sorted(set(request.files) | set(request.form))) or "nothing"
        raise FieldsError({"file": f"found {found}; send the file as form part 'file'"})
    values: JsonObject = {"name": part.filename or "", "type": part.content_type or UNKNOWN_TYPE}
    return Upload(_checked(values | request.form.to_dict()), part.read())


def _base64() -> Upload:
    fields = json_object(ATTACHMENT.name)
    data = fields.pop("data", None)
    if not isinstance(data, str):
        raise FieldsError({"data": "is missing; give the file's bytes as base64 text"})
    try:
        decoded = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FieldsError({"data": "is not base64; give the file's bytes as base64 text"}) from error
    return Upload(_checked({"type": UNKNOWN_TYPE} | fields), decoded)


def _checked(values: JsonObject) -> JsonObject:
    name = values.get("name")
    return check(ATTACHMENT, values | {"name": plain_name(name) if isinstance(name, str) else name})
