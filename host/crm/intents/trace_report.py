"""Writes a session's trace as JSON and as text for a terminal."""

from collections.abc import Iterator, Sequence
from typing import Any

from host.crm.intents.trace import TraceRow
from host.gate import writing


def as_json(row: TraceRow) -> dict[str, Any]:
    """Return a row as JSON: `{"at": "2026-05-01T10:00:00.000Z", "endpoint", "decision", "method", ...}`."""
    at = row.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {**vars(row), "at": at}


def as_lines(rows: Sequence[TraceRow]) -> Iterator[str]:
    """Write a complete trace: a line for each call or decision, then its request and what was read from the answer."""
    for row in rows:
        what = [f"{row.at:%Y-%m-%d %H:%M:%S}", row.endpoint]
        what += [f"{row.method} {row.url}"] if row.url else []
        what += [f"answered {row.status}"] if row.status is not None else []
        what += [f"{row.took_ms} ms"] if row.took_ms is not None else []
        yield "  ".join([*what, row.decision])
        for name, content in (("sent", row.request), ("read", row.read_out)):
            if content not in (None, [], ""):
                yield f"    {name}: {writing.text(content)}"
