"""Logging to standard error: one line for each record, without personal data.

URLs of requests hold e-mail addresses and phone numbers, so the log levels of libraries that log URLs are raised.
"""

import logging
import sys
from datetime import UTC, datetime

from host.gate import writing

# urllib3's warnings contain the path and query of a request that it repeats.
QUIET = {"urllib3": logging.ERROR, "alembic": logging.WARNING}

# Both messages go on with text that the client sent.
UNSAFE = {
    "Error handling request": "A request failed outside the application",
    "Invalid request from ip": "A client sent something that is not HTTP as we take it",
}


def configure(level: str, process: str, form: str = "text") -> None:
    """Log records of `level` and above to standard error.

    Args:
        level: One of `host.config.LOG_LEVELS`.
        process: `web`, `worker`, ...: part of every line.
        form: One of `host.config.LOG_FORMATS`.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(AsJson(process) if form == "json" else OneLine(process))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, quiet_level in QUIET.items():
        logging.getLogger(name).setLevel(max(quiet_level, logging.getLevelNamesMapping()[level]))


class OneLine(logging.Formatter):
    """`2026-05-01T10:00:00.000+00:00 web WARNING host.crm: ...`, tracebacks folded into the line."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Write the record; line breaks are escaped, so that no text can forge a line."""
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        line = f"{_at(record)} {self._process} {record.levelname} {record.name}: {text}"
        return line.replace("\r", "\\r").replace("\n", "\\n")


class AsJson(logging.Formatter):
    """One JSON object for each line; records from the same statement have the same `event`.

    {"at": "2026-05-01T10:00:00.000+00:00", "process": "worker", "level": "ERROR", "logger": "host.worker.worker",
     "message": "the job after_session-12 has failed: ...", "event": "the job %s has failed: %s"}
    """

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Write the record; `traceback` is present only with an exception."""
        fields = {
            "at": _at(record),
            "process": self._process,
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "event": str(record.msg),
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return writing.typed(fields)


def _at(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def without_request(record: logging.LogRecord) -> bool:
    """Remove text that a client sent from the web server's records; a logging filter."""
    for start, safe in UNSAFE.items():
        if str(record.msg).startswith(start):
            record.msg, record.args = safe, ()
    return True
