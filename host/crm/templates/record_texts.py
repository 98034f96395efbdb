"""The default description of a record: the known facts, one on each line."""

from html import escape

from host.crm.templates.quoting import as_text
from host.crm.templates.references import Reference
from host.crm.templates.template import Values

LINES = {
    "Session": "SESSION_ID",
    "Type": "SESSION_TYPE",
    "Queue": "MENU_PATH",
    "Name": "NAME",
    "Phone": "PHONE_NUMBER",
    "E-mail": "EMAIL",
    "Customer id": "CUSTOM_USER_ID",
    "Language": "LANG",
    "Device": "DEVICE_TYPE",
}


def plain(values: Values) -> str:
    """Write the known facts: `Session: 103646`, `Type: Messaging (Web)`, ..."""
    found = {label: values(Reference(name)) for label, name in LINES.items()}
    return "\n".join(f"{label}: {as_text(value)}" for label, value in found.items() if value is not None)


def as_html(text: str) -> str:
    """Write a plain text as HTML: markup is escaped, line breaks are kept."""
    return "<br>".join(escape(line) for line in text.splitlines())
