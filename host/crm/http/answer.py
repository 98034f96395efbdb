"""An HTTP answer of the CRM."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """One complete answer."""

    status: int
    headers: Mapping[str, str]
    """Case-insensitive."""
    body: bytes
    """Decompressed, at most 5 MiB."""
    took_ms: int
