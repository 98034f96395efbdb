"""The errors that our interfaces answer, by status, as the document describes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ErrorResponse:
    """The answers with one status."""

    name: str
    words: str
    headers: Mapping[str, Any] = field(default_factory=dict)


def _header(kind: str, words: str) -> dict[str, Any]:
    return {"schema": {"type": kind}, "description": words}


ERRORS = {
    400: ErrorResponse("Malformed", "The body is no JSON object, or not application/json"),
    401: ErrorResponse(
        "NotSignedIn",
        "No credentials, or wrong ones",
        {"WWW-Authenticate": _header("string", "Of the platform API: HTTP Basic")},
    ),
    403: ErrorResponse("NotAllowed", "These credentials don't allow it"),
    404: ErrorResponse("NotFound", "There is no such thing"),
    409: ErrorResponse("Conflict", "Its state doesn't allow it, or the idempotency key was used for something else"),
    413: ErrorResponse("TooLarge", "The body is too large"),
    422: ErrorResponse("WrongFields", "Fields are missing or wrong; each is named"),
    429: ErrorResponse("TooMany", "Wait", {"Retry-After": _header("integer", "Seconds to wait")}),
    502: ErrorResponse("CrmFailed", "The CRM failed or refused"),
    504: ErrorResponse("CrmTooSlow", "The CRM did not answer in time"),
}
