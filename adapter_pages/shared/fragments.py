"""Renders what both pages show: one line of a conversation, a page of lines, the way to earlier ones.

The same fragments stand in a page as it loads and come over its socket.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from adapter_pages.shared.messages import Line
from host.gate import writing


class Append(NamedTuple):
    """One line for the socket's `append`."""

    region: str
    id: str
    html: str


def as_json(value: Any) -> str:
    """Write a value for people; what surrounds it escapes it."""
    return writing.text(value, indent=2, default=str)


_templates = Environment(
    loader=PackageLoader("adapter_pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_templates.filters["as_json"] = as_json


def render(template: str, **values: Any) -> str:
    """Render one of this package's templates.

    Args:
        template: `agent/_line.html`.
        values: What it shows, by name.
    """
    return _templates.get_template(template).render(**values).strip()


def message(line: Line) -> str:
    """Return one line of a conversation, for either reader."""
    return render("agent/_line.html", line=line)


def append(region: str, line: Line) -> Append:
    """Return one line for the end of a conversation.

    Args:
        region: The id of the log that it is appended to.
        line: What was said.
    """
    return Append(region, f"message-{line.id}", message(line))


def page(lines: Sequence[Line]) -> str:
    """Return a page of lines, and the way to the one before."""
    return render("agent/_lines.html", lines=lines)


def earlier_append(region: str, line: Line) -> Append:
    """Return the way to what came before the first line of a page."""
    return Append(region, f"earlier-{line.id}", render("agent/_earlier.html", line=line))
