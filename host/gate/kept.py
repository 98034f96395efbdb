"""Reads what our own database has kept: rows from before the gate are repaired, and one bad value is only that."""

import logging
from typing import Any

from host.gate import foreign

log = logging.getLogger(__name__)


def read(text: str | bytes) -> Any:
    """Return what a JSON column says; None when it is no JSON: whoever shows that row says so."""
    try:
        return foreign.read(text)
    except ValueError:
        log.warning("a JSON column of the database holds something else")
        return None
