"""Describes an error in the one JSON shape: `{"error", "message", "status", "retryable", "fields"?}`."""

import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict
from ulid import ULID

from host.errors import HostError, TooManyError

log = logging.getLogger(__name__)


class ErrorAnswer(BaseModel):
    """What an error answers."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    error: str
    """The stable code: `not_found`."""
    message: str
    status: int
    retryable: bool
    """Whether the same request may succeed later."""
    fields: dict[str, str] = {}
    """Field name to what was found and what would be right; missing when no field is wrong."""


@dataclass(frozen=True)
class Problem:
    """An error, ready to show."""

    error: str
    """The stable code."""
    message: str
    status: int
    retryable: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Return the JSON shape."""
        shape = {"error": self.error, "message": self.message, "status": self.status, "retryable": self.retryable}
        return {**shape, "fields": dict(self.fields)} if self.fields else shape


def problem_of(error: HostError) -> Problem:
    """Describe an error of `host.errors`."""
    headers = {}
    if isinstance(error, TooManyError) and error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    return Problem(error.code, str(error), error.http_status, error.retryable, error.fields, headers)


def unexpected(error: Exception, where: str | None) -> Problem:
    """Log an unexpected error under an id, and describe it with that id.

    Args:
        error: Its text isn't logged, because it may contain personal data.
        where: The endpoint.
    """
    error_id = str(ULID())
    log.error("unexpected error %s in %s\n%s", error_id, where, without_values(error))
    return Problem("internal", f"Something went wrong on our side. It is logged under {error_id}.", 500)


def without_values(error: BaseException) -> str:
    """Return the traceback without error messages, since those may contain personal data."""
    lines = []
    current: BaseException | None = error
    while current is not None:
        lines += [
            f"{type(current).__module__}.{type(current).__qualname__}\n",
            *traceback.format_tb(current.__traceback__),
        ]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "".join(lines)
