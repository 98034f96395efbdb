"""Sessions for the tests of files."""

from datetime import UTC, datetime
from typing import Any

from host.sessions.model import Session

AT = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
TYPES = {"call": "voice_inbound_ivr", "chat": "messaging_web"}


def a_session(session_id: int, channel: str) -> Session:
    """A session that is not in a database."""
    empty: dict[str, Any] = dict.fromkeys(Session.__dataclass_fields__)
    values = {"id": session_id, "channel": channel, "type": TYPES[channel], "status": "finished"}
    return Session(**empty | values | {"created_at": AT, "updated_at": AT, "ends_at": None})
