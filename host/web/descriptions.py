"""Describes an operation of our HTTP interfaces: what `/openapi.json` shows of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True)
class Description:
    """One operation, as others see it."""

    method: str
    path: str
    """`/calls/{session_id}`, without the prefix of its interface."""
    name: str
    """`calls.show`: unique."""
    words: str
    """What it does, in one sentence."""
    answers: Any
    """The type of the answer: a model, or a list of models."""
    statuses: Sequence[int] = (200,)
    """Those of success."""
    errors: Sequence[int] = ()
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    body_is_required: bool = False
    takes_file: bool = False
    """Whether the body is a file, as multipart/form-data."""
    longest_key: int | None = None
    """Characters of the longest idempotency key; None: it takes none."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Those of the answer: `{"X-Total": "Number of sessions on all pages"}`."""

    @property
    def placeholders(self) -> list[str]:
        """The names in the path: `["session_id"]`."""
        return PLACEHOLDER.findall(self.path)


def words_of(function: object) -> str:
    """Return the first line of a docstring."""
    return (function.__doc__ or "").strip().partition("\n")[0]
