"""Composes the comments on a record, and writes them as plain text, HTML or Markdown.

Text of end users and agents, and file names, are escaped in HTML and Markdown.

Source: docs/reference/generic-api.md, Comments.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal, cast, get_args

from host.addresses import web_url
from host.crm.settings.endpoint import TextFormat
from host.crm.templates.quoting import as_text, is_empty
from host.crm.templates.references import Reference
from host.crm.templates.variables import Variables
from host.errors import ConfigError
from host.sessions.reserved import is_reserved

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&])")

CommentEvent = Literal["start", "end", "csat", "custom_data", "transfer", "disposition", "survey", "upload"]


@dataclass(frozen=True)
class Comment:
    """A comment, independent of its format."""

    title: str
    lines: tuple[tuple[str, str], ...] = ()
    """Label and value."""
    text: str = ""
    """Text of a person, on separate lines."""
    link: str | None = None
    """A web address at the end."""


def get_event(event: str) -> CommentEvent:
    """Return the comment event with this name.

    Raises:
        ConfigError: There is no such event.
    """
    for each in get_args(CommentEvent):
        if each == event:
            return cast(CommentEvent, each)
    raise ConfigError(f"found the event {event!r}; allowed: {', '.join(get_args(CommentEvent))}")


def compose(event: CommentEvent, variables: Variables, details: Mapping[str, Any] | None = None) -> Comment | None:
    """Compose the comment on an event; None when there is nothing to report.

    Args:
        event: The event.
        variables: The session's facts at the event.
        details: Data of the event: for `transfer` `{"from", "to", "text"}`; `disposition` `{"code", "notes"}`;
            `survey` `{"answers": [{"question", "answer"}]}`; `upload` `{"name", "url"}`.
    """
    return _EVENTS[event](variables, details or {})


def format_comment(comment: Comment, text_format: TextFormat) -> str:
    """Write a comment in a format.

    Args:
        comment: The comment.
        text_format: As the comment endpoint's settings say.
    """
    return _WRITERS[text_format](comment)


def text_of(event: CommentEvent, variables: Variables, text_format: TextFormat, details: Any = None) -> str | None:
    """Return `{COMMENT_BODY}` for an event; None when there is nothing to report."""
    comment = compose(event, variables, details)
    return None if comment is None else format_comment(comment, text_format)


def format_text(text: str, text_format: TextFormat) -> str:
    """Write a person's text in a format; its markup is escaped."""
    if text_format == "html":
        return f"<p>{_broken(escape(text), '<br>')}</p>"
    return _broken(_bare(text), "  \n") if text_format == "markdown" else text


def _lines(variables: Variables, names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    found = ((label, variables(Reference(name))) for label, name in names.items())
    return tuple((label, as_text(value)) for label, value in found if not is_empty(value))


def _kind(variables: Variables) -> str:
    return "Call" if variables.context.channel == "call" else "Chat"


def _start(variables: Variables, _details: Mapping[str, Any]) -> Comment:
    names = {
        "Session": "SESSION_ID",
        "Type": "SESSION_TYPE",
        "Queue": "MENU_PATH",
        "Name": "NAME",
        "Phone": "PHONE_NUMBER",
        "E-mail": "EMAIL",
        "Agent": "AGENT_EMAIL",
    }
    return Comment(f"{_kind(variables)} started", _lines(variables, names))


def _end(variables: Variables, _details: Mapping[str, Any]) -> Comment:
    names = {
        "Session": "SESSION_ID",
        "Agent": "AGENT_EMAIL",
        "Duration": "CALL_DURATION",
        "Wait": "WAIT_TIME",
        "Hold": "HOLD_TIME",
        "Ended by": "DISCONNECTED_BY",
        "Status": "STATUS",
    }
    return Comment(f"{_kind(variables)} ended", _lines(variables, names))


def _csat(variables: Variables, _details: Mapping[str, Any]) -> Comment | None:
    rating, feedback = variables.context.rating, variables.context.feedback
    if rating is None and not feedback:
        return None
    return Comment("Customer rating", (("Rating", f"{rating} of 5"),) if rating is not None else (), feedback)


def _custom_data(variables: Variables, _details: Mapping[str, Any]) -> Comment | None:
    entries = {key: entry for key, entry in variables.context.custom_data.items() if not is_reserved(key)}
    lines = tuple(
        (str(entry.get("label") or key), as_text(entry.get("value")))
        if isinstance(entry, Mapping)
        else (key, as_text(entry))
        for key, entry in entries.items()
    )
    return Comment("Custom data", lines) if lines else None


def _transfer(_variables: Variables, details: Mapping[str, Any]) -> Comment:
    return Comment("Transfer", _given(details, {"From": "from", "To": "to"}), as_text(details.get("text")))


def _disposition(_variables: Variables, details: Mapping[str, Any]) -> Comment | None:
    lines, notes = _given(details, {"Disposition": "code"}), as_text(details.get("notes"))
    return Comment("Wrap-up", lines, notes) if lines or notes else None


def _survey(_variables: Variables, details: Mapping[str, Any]) -> Comment | None:
    answers: Sequence[Mapping[str, Any]] = details.get("answers") or ()
    lines = tuple((as_text(each.get("question")), as_text(each.get("answer"))) for each in answers)
    return Comment("Survey", lines) if lines else None


def _upload(_variables: Variables, details: Mapping[str, Any]) -> Comment:
    return Comment("File", _given(details, {"Name": "name"}), link=_safe_link(details.get("url")))


def _given(details: Mapping[str, Any], names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((label, as_text(details[key])) for label, key in names.items() if not is_empty(details.get(key)))


def _safe_link(url: Any) -> str | None:
    """Return a web address; None for anything else, since the URL may come from the CRM's answer."""
    try:
        return web_url(url) if isinstance(url, str) else None
    except ValueError:
        return None


def _plain(comment: Comment) -> str:
    lines = [comment.title, *(f"{label}: {value}" for label, value in comment.lines)]
    return "\n".join(line for line in (*lines, comment.text, comment.link) if line)


def _html(comment: Comment) -> str:
    parts = [f"<p><strong>{escape(comment.title)}</strong></p>"]
    if comment.lines:
        items = "".join(f"<li>{escape(label)}: {_broken(escape(value), '<br>')}</li>" for label, value in comment.lines)
        parts.append(f"<ul>{items}</ul>")
    if comment.text:
        parts.append(f"<p>{_broken(escape(comment.text), '<br>')}</p>")
    if comment.link:
        parts.append(f'<p><a href="{escape(comment.link)}">{escape(comment.link)}</a></p>')
    return "".join(parts)


def _markdown(comment: Comment) -> str:
    parts = [f"**{_bare(comment.title)}**"]
    if comment.lines:
        parts.append("\n".join(f"- {_bare(label)}: {_broken(_bare(value), ' ')}" for label, value in comment.lines))
    if comment.text:
        parts.append(_broken(_bare(comment.text), "  \n"))
    if comment.link:
        parts.append(f"<{comment.link}>")
    return "\n\n".join(parts)


def _bare(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _broken(text: str, line_break: str) -> str:
    return line_break.join(text.splitlines())


_EVENTS: Mapping[CommentEvent, Callable[[Variables, Mapping[str, Any]], Comment | None]] = {
    "start": _start,
    "end": _end,
    "csat": _csat,
    "custom_data": _custom_data,
    "transfer": _transfer,
    "disposition": _disposition,
    "survey": _survey,
    "upload": _upload,
}

_WRITERS: Mapping[TextFormat, Callable[[Comment], str]] = {"plain": _plain, "html": _html, "markdown": _markdown}
