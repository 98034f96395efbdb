"""Extracts the CRM's own error message from an answer of any form.

The result may hold personal data and secrets: mask it before you show it.

Source: docs/reference/generic-api.md, Faults.
"""

import re
from collections import deque
from collections.abc import Iterator
from html import unescape
from typing import Any

from host.crm.http import charsets
from host.crm.http.answer import Answer
from host.crm.response import json_path
from host.crm.templates.patterns import replacing
from host.crm.templates.quoting import as_text
from host.errors import CrmAnswerError

READ_MAX = 4000
"""More than is shown, so that no secret is cut in two, which would not be masked."""
SHOWN_MAX = 200
_VALUES_MAX = 2000
_SAYINGS_MAX = 4
_TELLING = re.compile(r"message|msg|descr|detail|reason|title|error|fault|problem|summary|text", re.IGNORECASE)
_without_markup = replacing(
    "|".join([*(rf"(?s:<{tag}\b.*?</{tag}\s*>)" for tag in ("script", "style", "head")), "<[^>]*>"]), " "
)


def message_of(answer: Answer) -> str:
    """Return the messages of a JSON body, else the body's text; empty for an empty body.

    Example:
        `{"data": [{"code": "INVALID_DATA", "details": {"api_name": "Email"}, "message": "invalid data"}]}` gives
        `invalid data; Email`.
    """
    try:
        body = json_path.json_of("answer", answer)
    except CrmAnswerError:
        text = charsets.text_of(answer.body, answer.headers.get("Content-Type") or "")
        return _one_line(_without_markup(text[: READ_MAX * 4]))
    sayings = list(dict.fromkeys(_messages(body)))[:_SAYINGS_MAX]
    return _one_line("; ".join(sayings) if sayings else as_text(body))


def shortened(text: str) -> str:
    """Shorten a masked text to one line."""
    return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 1] + "…"


def _messages(body: Any) -> Iterator[str]:
    """Yield the texts under keys for messages, the outermost first."""
    waiting = deque([(body, False)])
    for _ in range(_VALUES_MAX):
        if not waiting:
            return
        value, is_told = waiting.popleft()
        if isinstance(value, dict):
            waiting.extend((each, is_told or bool(_TELLING.search(key))) for key, each in value.items())
        elif isinstance(value, list):
            waiting.extend((each, is_told) for each in value)
        elif is_told and isinstance(value, str) and value.strip():
            yield value


def _one_line(text: str) -> str:
    """Write the text in one line; control and direction characters become blanks."""
    shown = (character if character.isprintable() else " " for character in unescape(text))
    return " ".join("".join(shown).split())[:READ_MAX]
