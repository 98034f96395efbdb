"""Logging: one line a record, on standard error, without personal data.

Addresses of requests hold e-mail addresses and phone numbers, so libraries that log them are kept quiet.
"""

import logging
import sys
from datetime import UTC, datetime

# urllib3's warnings name the path and query of what it retries.
QUIET = {"urllib3": logging.ERROR, "alembic": logging.WARNING}

# Both are followed by what the client sent.
UNSAFE = {
    "Error handling request": "A request failed outside the application",
    "Invalid request from ip": "A client sent something that is not HTTP as we take it",
}


def configure(level: str, process: str) -> None:
    """Send everything of `level` and above to standard error.

    Args:
        level: One of `host.config.LOG_LEVELS`.
        process: `web`, `worker`, ...: stands in every line.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(process))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, quiet_level in QUIET.items():
        logging.getLogger(name).setLevel(max(quiet_level, logging.getLevelNamesMapping()[level]))


class OneLine(logging.Formatter):
    """`2026-05-01T10:00:00.000+00:00 web WARNING host.crm: ...`, tracebacks folded into the line."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Write the record; line breaks become visible, so that nothing can forge a line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        line = f"{at} {self._process} {record.levelname} {record.name}: {text}"
        return line.replace("\r", "\\r").replace("\n", "\\n")


def without_request(record: logging.LogRecord) -> bool:
    """Take what a client sent out of the web server's records; a logging filter."""
    for start, safe in UNSAFE.items():
        if str(record.msg).startswith(start):
            record.msg, record.args = safe, ()
    return True
