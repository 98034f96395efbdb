"""Errors of what people and other systems ask of us."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Self

from host.errors.base import HostError


class RequestError(HostError):
    """The request is malformed."""

    code = "bad_request"
    http_status = 400


class FieldsError(RequestError):
    """Fields are missing or wrong.

    Args:
        problems: Field name to what was found and what would be right.
    """

    code = "fields"
    http_status = 422

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in problems.items()))
        self.problems = problems

    @property
    def fields(self) -> Mapping[str, str]:
        """Field name to reason."""
        return self.problems


class NotSignedInError(RequestError):
    """The request has no sign-in, or the sign-in has ended."""

    code = "not_signed_in"
    http_status = 401

    def __init__(self, reason: str = "Sign in first.") -> None:
        super().__init__(reason)


class NotAllowedError(RequestError):
    """The user is signed in, but may not do this."""

    code = "not_allowed"
    http_status = 403


class NotFoundError(RequestError):
    """It does not exist, or this user may not know that it does."""

    code = "not_found"
    http_status = 404


class TransitionError(RequestError):
    """The session's status does not allow the action.

    Args:
        action: `answer`.
        status: The session's status.
        allowed: The actions that it allows.
    """

    code = "transition"
    http_status = 409

    def __init__(self, action: str, status: str, allowed: Sequence[str]) -> None:
        can = ", ".join(allowed) or "nothing any more"
        super().__init__(f"cannot {action} a session that is {status}; it allows: {can}")
        self.status = status
        self.allowed = allowed


class OtherCrmError(TransitionError):
    """The work belongs to another CRM than the settings name; it can be discarded, nothing else.

    Args:
        crm: That CRM's key: `api.crm.example`.
    """

    code = "other_crm"

    def __init__(self, crm: str) -> None:
        HostError.__init__(self, f"It belongs to another CRM ({crm}) than the settings name; it waits for that one.")


class RepeatedKeyError(RequestError):
    """An idempotency key is repeated with another request."""

    code = "repeated_key"
    http_status = 409

    def __init__(self) -> None:
        super().__init__(
            "Idempotency-Key: was used for another request; repeat that one unchanged, or make a new key for this one"
        )


class TakenError(RequestError):
    """There is one like it already.

    Args:
        reason: What there is, and where.
    """

    code = "taken"
    http_status = 409


class TooManyError(RequestError):
    """A rate limit is reached.

    Args:
        reason: What there was too much of, as a sentence.
        retry_after_s: How long to wait, in seconds.
    """

    code = "too_many"
    http_status = 429
    retryable = True

    def __init__(self, reason: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s

    @classmethod
    def of(cls, reason: str, wait_s: float) -> Self:
        """Make the error with a text that says how long to wait: `Too many tries. Wait 4 minutes, then try again.`."""
        seconds = max(1, ceil(wait_s))
        minutes, rest = divmod(seconds, 60)
        parts = [f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in ((minutes, "minute"), (rest, "second")) if n]
        return cls(f"{reason} Wait {' and '.join(parts)}, then try again.", retry_after_s=seconds)


class MisdirectedError(RequestError):
    """The request names a host that is not ours.

    Args:
        host: The host in the request, shortened.
        public_url: Our address.
    """

    code = "misdirected"
    http_status = 421

    def __init__(self, host: str, public_url: str) -> None:
        super().__init__(
            f"Host: found {host}, but this is {public_url}. If people reach it by another name, "
            "an admin adds that to PATCHBAY_ALLOWED_HOSTS; if a proxy stands in front, it passes on Host."
        )
