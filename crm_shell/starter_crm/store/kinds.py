"""The four kinds of objects, with one table of their fields for API, pages and tests."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Table

from crm_shell.starter_crm.errors import FieldsError
from crm_shell.starter_crm.store import tables
from crm_shell.starter_crm.store.values import (
    ACCOUNT_ID,
    EMAIL,
    MIME,
    Check,
    one_of,
    required,
    shaped,
    size_of,
    text,
    whole_number,
)

JsonObject = dict[str, object]
STATUSES = ("open", "closed")
FORMATS = ("plain", "html", "markdown")
OURS = (
    "id",
    "record_id",
    "url",
    "size",
    "extra",
    "created_at",
    "updated_at",
    "phone_digits",
    "phone_tail",
    "email_key",
)
EXTRA_LIMIT = 65_536


@dataclass(frozen=True)
class Kind:
    """One kind of thing."""

    name: str
    """Its container in bodies: ``account`` in ``{"account": {...}}``."""
    table: Table
    fields: Mapping[str, Check]


ACCOUNT = Kind(
    "account",
    tables.accounts,
    {
        "name": text(300),
        "phone": text(64),
        "email": shaped(EMAIL, 320, "an e-mail address such as james@example.com"),
        "external_id": text(200),
    },
)

RECORD = Kind(
    "record",
    tables.records,
    {
        "account_id": shaped(ACCOUNT_ID, 64, "an account's id, or a text of letters, digits and . : - _"),
        "subject": text(1_000),
        "description": text(100_000),
        "status": one_of(STATUSES),
        "phone": text(64),
        "external_id": text(200),
        "priority": text(64),
        "rating": whole_number(0, 10),
        "feedback": text(10_000),
    },
)

COMMENT = Kind(
    "comment",
    tables.comments,
    {"body": required(text(100_000)), "format": one_of(FORMATS), "external_id": text(200)},
)

ATTACHMENT = Kind(
    "attachment",
    tables.attachments,
    {
        "name": required(text(255)),
        "type": required(shaped(MIME, 127, "a MIME type such as image/png")),
        "external_id": text(200),
    },
)


def check(kind: Kind, given: Mapping[str, object]) -> JsonObject:
    """Return what to keep of the given fields; unknown ones under ``extra``.

    Raises:
        FieldsError: Each field that can't be kept, with what was found and what would be right.
    """
    kept: JsonObject = {}
    extra: JsonObject = {}
    problems: dict[str, str] = {}
    for name, value in given.items():
        if name in OURS:
            problems[name] = "is set by the CRM itself; leave it out"
        elif name in kind.fields:
            try:
                kept[name] = kind.fields[name](value)
            except ValueError as error:
                problems[name] = str(error)
        else:
            extra[name] = value
    if size_of(extra) > EXTRA_LIMIT:
        problems[next(iter(extra))] = f"with all unknown fields is over {EXTRA_LIMIT} characters; give less"
    if problems:
        raise FieldsError(problems)
    return kept | {"extra": extra}
