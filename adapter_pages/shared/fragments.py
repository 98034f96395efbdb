"""Renders HTML that both pages show: a message, a page of messages, the link to earlier ones.

The same fragments are in a page when it loads, and come over its socket.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from adapter_pages.shared.messages import MessageView
from host.gate import writing
from host.sessions.attachment_types import TYPES


class Append(NamedTuple):
    """The arguments of the socket message `append`."""

    region: str
    id: str
    html: str


def as_json(value: Any) -> str:
    """Return a value as indented JSON; the template escapes it."""
    return writing.text(value, indent=2, default=str)


_templates = Environment(
    loader=PackageLoader("adapter_pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_templates.filters["as_json"] = as_json
FILE_TYPES = ",".join(f".{ending}" for ending in TYPES)
"""The endings of the files that may be sent, for `accept`."""
_templates.globals["file_types"] = FILE_TYPES


def render(template: str, **values: Any) -> str:
    """Render one of this package's templates.

    Args:
        template: `agent/_line.html`.
        values: The template's variables.
    """
    return _templates.get_template(template).render(**values).strip()


def message(line: MessageView) -> str:
    """Return the HTML of a message, for either reader."""
    return render("agent/_line.html", line=line)


def append(region: str, line: MessageView) -> Append:
    """Return a message for the end of a conversation.

    Args:
        region: The id of the log to append to.
        line: The message.
    """
    return Append(region, f"message-{line.id}", message(line))


def page(lines: Sequence[MessageView]) -> str:
    """Return a page of messages, with the link to the page before."""
    return render("agent/_lines.html", lines=lines)


def earlier_append(region: str, line: MessageView) -> Append:
    """Return the link to the messages before the first one of a page."""
    return Append(region, f"earlier-{line.id}", render("agent/_earlier.html", line=line))
