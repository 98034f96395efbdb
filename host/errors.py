"""Every error that a user, an admin or another system may see.

HostError                     code, http_status, retryable; str() is safe to show
  ConfigError                 422  a setting cannot be used as it stands
    TemplateError                  unknown variable in a URL or parameter
    FunctionSyntaxError            =CONCAT_OR( ... is not closed; says the column
    EndpointOrderError             Find a record without Find an account
    SettingsError                  the settings file as a whole, field by field
  RequestError                400  somebody sent us something malformed
    FieldsError               422  fields that are missing or wrong, each named
    NotSignedInError          401
    NotAllowedError           403
    NotFoundError             404
    TransitionError           409  the session's state doesn't allow it
      OtherCrmError                  it is another CRM's than the settings name
    RepeatedKeyError          409  an idempotency key was used for something else
    TooManyError              429  retryable
    MisdirectedError          421  for another host than ours
  CrmError                    502  endpoint name; never the query string or body
    CrmTimeoutError           504  retryable
    CrmUnavailableError            retryable   connect failure, 5xx, 429
    CrmRejectedError               4xx: asking again is useless
      CrmAuthError                 401/403 after one token refresh
      AskPersonError               nobody but a person can tell how to go on
        ChooseError                  several hits, and the agent chooses
        UnfinishedSearchError        more pages than may be read, nothing on those
    CrmAnswerError                 not JSON, or nothing at the response location
    CrmAddressError                the address guard refused the target
    NotYetKnownError               retryable: a create's outcome is unknown, and it is too early to repeat it
    PoisonedStepError              our process died in this step again and again
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil
from typing import Any, Self


class HostError(Exception):
    """The root: what went wrong in words that are safe to show."""

    code = "host_error"
    http_status = 500
    retryable = False

    @property
    def fields(self) -> Mapping[str, str]:
        """What is wrong with which field: `{"queue": "..."}`; empty when no field is to blame."""
        return {}


class ConfigError(HostError):
    """A setting cannot be used as it stands."""

    code = "config"
    http_status = 422


class TemplateError(ConfigError):
    """A template names something that we don't know."""

    code = "template"


class FunctionSyntaxError(ConfigError):
    """A parameter function cannot be read.

    Args:
        reason: What is wrong.
        text: The whole parameter value.
        column: Counted from 0, where the trouble starts.
    """

    code = "function_syntax"

    def __init__(self, reason: str, text: str, column: int) -> None:
        super().__init__(f"{reason}, at character {column + 1} of {text!r}")
        self.reason = reason
        self.text = text
        self.column = column


class EndpointOrderError(ConfigError):
    """A later CRM endpoint is set without the earlier one that it needs."""

    code = "endpoint_order"


class SettingsError(ConfigError):
    """A settings file is refused as a whole.

    Args:
        problems: Path in the file to what is wrong there.
    """

    code = "settings"

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{path}: {reason}" for path, reason in problems.items()))
        self.problems = problems

    @property
    def fields(self) -> Mapping[str, str]:
        """Path to reason."""
        return self.problems


class RequestError(HostError):
    """Somebody sent us something malformed."""

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
    """Nobody is signed in, or the sign-in has ended."""

    code = "not_signed_in"
    http_status = 401

    def __init__(self, reason: str = "Sign in first.") -> None:
        super().__init__(reason)


class NotAllowedError(RequestError):
    """Signed in, but this is not theirs to do."""

    code = "not_allowed"
    http_status = 403


class NotFoundError(RequestError):
    """There is no such thing, or not for this person."""

    code = "not_found"
    http_status = 404


class TransitionError(RequestError):
    """The session's state doesn't allow what was asked.

    Args:
        action: `answer`.
        status: The state that the session is in.
        allowed: What it allows.
    """

    code = "transition"
    http_status = 409

    def __init__(self, action: str, status: str, allowed: Sequence[str]) -> None:
        can = ", ".join(allowed) or "nothing any more"
        super().__init__(f"cannot {action} a session that is {status}; it allows: {can}")
        self.status = status
        self.allowed = allowed


class OtherCrmError(TransitionError):
    """Work of another CRM than the settings name can't be decided about; it can be discarded.

    Args:
        crm: How that CRM is known: `api.crm.example`.
    """

    code = "other_crm"

    def __init__(self, crm: str) -> None:
        HostError.__init__(self, f"It belongs to another CRM ({crm}) than the settings name; it waits for that one.")


class RepeatedKeyError(RequestError):
    """An idempotency key comes again, with another request."""

    code = "repeated_key"
    http_status = 409

    def __init__(self) -> None:
        super().__init__(
            "Idempotency-Key: was used for another request; repeat that one unchanged, or make a new key for this one"
        )


class TooManyError(RequestError):
    """More tries than we take; wait and try again.

    Args:
        reason: What there was too much of.
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
        """Say after `reason`, a sentence, how long to wait: `Too many tries. Wait 4 minutes, then try again.`."""
        seconds = max(1, ceil(wait_s))
        minutes, rest = divmod(seconds, 60)
        parts = [f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in ((minutes, "minute"), (rest, "second")) if n]
        return cls(f"{reason} Wait {' and '.join(parts)}, then try again.", retry_after_s=seconds)


class MisdirectedError(RequestError):
    """A request asks for a host that isn't ours.

    Args:
        host: As it was asked for, shortened.
        public_url: Where we are.
    """

    code = "misdirected"
    http_status = 421

    def __init__(self, host: str, public_url: str) -> None:
        super().__init__(
            f"Host: found {host}, but this is {public_url}. If people reach it by another name, "
            "an admin adds that to PATCHBAY_ALLOWED_HOSTS; if a proxy stands in front, it passes on Host."
        )


class CrmError(HostError):
    """The CRM did not do what we asked.

    Args:
        endpoint: `find_account_by_query`.
        reason: Without the query string or the body: both hold personal data.
    """

    code = "crm"
    http_status = 502
    said = ""
    """What the CRM itself said, as it came: not in `str()`, and masked before anybody sees it."""

    def __init__(self, endpoint: str, reason: str) -> None:
        super().__init__(f"{endpoint}: {reason}")
        self.endpoint = endpoint
        self.reason = reason


class CrmTimeoutError(CrmError):
    """No answer in the time that the settings give it.

    Args:
        endpoint: As in `CrmError`.
        reason: As in `CrmError`.
        sent: As in `CrmUnavailableError`; a name that can't be resolved in time isn't.
    """

    code = "crm_timeout"
    http_status = 504
    retryable = True

    def __init__(self, endpoint: str, reason: str, *, sent: bool = True) -> None:
        super().__init__(endpoint, reason)
        self.sent = sent


class CrmUnavailableError(CrmError):
    """No connection, 408, 425, 429, or 5xx but 501 and 505.

    Args:
        endpoint: As in `CrmError`.
        reason: As in `CrmError`.
        sent: Whether the request's sending had begun, so that the CRM may have acted on it.
        retry_after_s: What the CRM asked for, in seconds.
    """

    code = "crm_unavailable"
    retryable = True

    def __init__(self, endpoint: str, reason: str, *, sent: bool = True, retry_after_s: float | None = None) -> None:
        super().__init__(endpoint, reason)
        self.sent = sent
        self.retry_after_s = retry_after_s


class CrmRejectedError(CrmError):
    """The CRM said no; asking again is useless."""

    code = "crm_rejected"

    def __init__(self, endpoint: str, reason: str, *, status: int | None = None) -> None:
        super().__init__(endpoint, reason)
        self.status = status


class CrmAuthError(CrmRejectedError):
    """401 or 403, after one token refresh where there is a token."""

    code = "crm_auth"


class CrmAnswerError(CrmError):
    """The answer is not what the endpoint's settings say it is."""

    code = "crm_answer"


class CrmAddressError(CrmError):
    """The address guard refused to connect there."""

    code = "crm_address"


class AskPersonError(CrmRejectedError):
    """Nobody but a person can tell how to go on."""

    code = "crm_ask"


class ChooseError(AskPersonError):
    """Several hits, and the agent is to choose.

    Args:
        endpoint: `find_account_by_query`.
        choices: What there is: values of `host.crm.response.hit_label.Choice`.
    """

    code = "crm_choose"

    def __init__(self, endpoint: str, choices: Sequence[Any]) -> None:
        super().__init__(endpoint, f"{len(choices)} match")
        self.choices = choices


class UnfinishedSearchError(AskPersonError):
    """There are more pages than may be read, and nothing on those that were: neither found nor not found.

    Args:
        endpoint: `find_account_by_query`.
        reason: `5 pages were read (max_pages), 500 rows, and there are more`.
    """

    code = "crm_unfinished"

    def __init__(self, endpoint: str, reason: str) -> None:
        super().__init__(endpoint, reason)


class NotYetKnownError(CrmError):
    """A search has not found what may have been created; it is too early to send it again.

    Args:
        endpoint: `create_account`.
        until: When it is late enough.
    """

    code = "crm_not_yet_known"
    retryable = True

    def __init__(self, endpoint: str, until: datetime) -> None:
        super().__init__(endpoint, "it is not known yet whether the CRM has done it")
        self.until = until


class PoisonedStepError(CrmError):
    """The process died in the step again and again.

    Args:
        step: `account`.
    """

    code = "crm_killing"

    def __init__(self, step: str) -> None:
        super().__init__(step, "our process died in it again and again")
