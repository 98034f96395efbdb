"""The errors that users, admins and other systems may see, as one tree.

HostError                     500  code, http_status, retryable; str() is safe to show
  ConfigError                 422  a setting or a command's argument cannot be used as it is
    TemplateError                  unknown variable in a URL or parameter
    FunctionSyntaxError            a function such as =CONCAT_OR( is not closed; names the column
    EndpointOrderError             Find a record without Find an account
    SettingsError                  the settings file as a whole, field by field
  RequestError                400  the request is malformed
    FieldsError               422  fields that are missing or wrong, each named
    NotSignedInError          401
    NotAllowedError           403
    NotFoundError             404
    TransitionError           409  the session's status does not allow it
      OtherCrmError                the session belongs to another CRM than the settings name
    RepeatedKeyError          409  an idempotency key was used for another request
    TakenError                409  there is one like it already
    OpenSessionsError         409  an agent can't sign out, since they have sessions
    TooManyError              429  retryable
    MisdirectedError          421  the request names a host that is not ours
  NoRoomError                 507  retryable: the disk is full
  CrmError                    502  names the endpoint; never the query string or body
    CrmTimeoutError           504  retryable
    CrmUnavailableError            retryable: no connection, 5xx, 429
    CrmRejectedError               4xx: another try is useless
      CrmAuthError                 401 or 403 after one token refresh
      AskPersonError               a person has to decide
        ChooseError                several hits: the agent chooses
        UnfinishedSearchError      more pages than may be read, and no hit on those that were
    CrmAnswerError                 not JSON, or nothing at the response location
    CrmAddressError                the address guard refused the target
    NotYetKnownError               retryable: a create's outcome is unknown, and it is too early to repeat it
    PoisonedStepError              our process crashed in this step again and again
  StorageError                502  names the step that failed; retryable unless is_permanent
  MailError                   502  as StorageError

These stay in the modules that raise them, because nobody outside the host sees them:

ClosedError                   a socket of a load test is closed; it connects again
SimulationError               a load test can't begin or go on; only the command line shows it
LostLeaseError                another runner holds the intent; this run stops without an outcome
ClosingError                  the process is stopping; the step goes on in another one
CrmChangedError               the settings name another CRM now; the step waits
BusyError                     too many name look-ups at once; becomes CrmUnavailableError
NotJsonError, UnfitError      JSON is refused; the reader raises a FieldsError or SettingsError that names the field
NoImageError, UnfitImageError, UnfitVideoError
                              a file isn't what its name says; the sender is told why by a FieldsError
DeadLetterError               a job has failed for good; its text is stored with the job
FailedStepError               stands for an error that the job engine has stored, without its text
RefusedError                  a row of the job engine was not written by this host
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil
from typing import Any, Self


class HostError(Exception):
    """The root of the tree; its text is safe to show."""

    code = "host_error"
    http_status = 500
    retryable = False

    @property
    def fields(self) -> Mapping[str, str]:
        """Field name to what is wrong with it: `{"queue": "..."}`; empty when no field is wrong."""
        return {}


class ConfigError(HostError):
    """A setting, or an argument of a command, cannot be used as it is."""

    code = "config"
    http_status = 422


class TemplateError(ConfigError):
    """A template names a variable that does not exist."""

    code = "template"


class FunctionSyntaxError(ConfigError):
    """A parameter function cannot be read.

    Args:
        reason: What is wrong.
        text: The whole parameter value.
        column: Where the error is, counted from 0.
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


class NoRoomError(HostError):
    """The disk of the host is full, or nearly; what was stored before stays."""

    code = "no_room"
    http_status = 507
    retryable = True

    def __init__(self) -> None:
        super().__init__("The host has no room for files at the moment; try again later.")


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


class OpenSessionsError(RequestError):
    """An agent wants to sign out, and has calls or chats that go on.

    Args:
        calls: Number of calls.
        chats: Number of chats.
    """

    code = "open_sessions"
    http_status = 409

    def __init__(self, *, calls: int, chats: int) -> None:
        counts = [(chats, "chat"), (calls, "call")]
        parts = [f"{count} open {what}{'' if count == 1 else 's'}" for count, what in counts if count]
        what_to_do = "End or transfer it first" if calls + chats == 1 else "End or transfer them first"
        super().__init__(f"You have {' and '.join(parts)}. {what_to_do}.")


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


class CrmError(HostError):
    """A request to the CRM failed.

    Args:
        endpoint: `find_account_by_query`.
        reason: Without the query string or the body: both hold personal data.
    """

    code = "crm"
    http_status = 502
    said = ""
    """The CRM's own error text, unmasked: not in `str()`, and masked before it is stored or shown."""

    def __init__(self, endpoint: str, reason: str) -> None:
        super().__init__(f"{endpoint}: {reason}")
        self.endpoint = endpoint
        self.reason = reason


class CrmTimeoutError(CrmError):
    """The CRM did not answer within `timeout_s`.

    Args:
        endpoint: As in `CrmError`.
        reason: As in `CrmError`.
        sent: As in `CrmUnavailableError`; False when the host name could not be resolved in time.
    """

    code = "crm_timeout"
    http_status = 504
    retryable = True

    def __init__(self, endpoint: str, reason: str, *, sent: bool = True) -> None:
        super().__init__(endpoint, reason)
        self.sent = sent


class CrmUnavailableError(CrmError):
    """No connection, 408, 425, 429, or 5xx except 501 and 505.

    Args:
        endpoint: As in `CrmError`.
        reason: As in `CrmError`.
        sent: Whether sending had begun, so that the CRM may have acted on the request.
        retry_after_s: The CRM's `Retry-After`, in seconds.
    """

    code = "crm_unavailable"
    retryable = True

    def __init__(self, endpoint: str, reason: str, *, sent: bool = True, retry_after_s: float | None = None) -> None:
        super().__init__(endpoint, reason)
        self.sent = sent
        self.retry_after_s = retry_after_s


class CrmRejectedError(CrmError):
    """The CRM refused the request; another try is useless."""

    code = "crm_rejected"

    def __init__(self, endpoint: str, reason: str, *, status: int | None = None) -> None:
        super().__init__(endpoint, reason)
        self.status = status


class CrmAuthError(CrmRejectedError):
    """The CRM answered 401 or 403, after one token refresh if there is a token."""

    code = "crm_auth"


class CrmAnswerError(CrmError):
    """The answer does not fit the endpoint's settings."""

    code = "crm_answer"


class CrmAddressError(CrmError):
    """The address guard refused the connection."""

    code = "crm_address"


class AskPersonError(CrmRejectedError):
    """A person has to decide how the step goes on."""

    code = "crm_ask"


class ChooseError(AskPersonError):
    """A search has several hits, and the agent chooses.

    Args:
        endpoint: `find_account_by_query`.
        choices: The hits, values of `host.crm.response.hit_label.Choice`.
    """

    code = "crm_choose"

    def __init__(self, endpoint: str, choices: Sequence[Any]) -> None:
        super().__init__(endpoint, f"{len(choices)} match")
        self.choices = choices


class UnfinishedSearchError(AskPersonError):
    """A search read all pages that it may, without a hit: `5 pages were read (max_pages), 500 rows, there are more`."""

    code = "crm_unfinished"


class NotYetKnownError(CrmError):
    """A create has an unknown outcome, a search does not find it yet, and it is too early to repeat it.

    Args:
        endpoint: `create_account`.
        until: When it may be repeated.
    """

    code = "crm_not_yet_known"
    retryable = True

    def __init__(self, endpoint: str, until: datetime) -> None:
        super().__init__(endpoint, "it is not known yet whether the CRM has done it")
        self.until = until


class PoisonedStepError(CrmError):
    """The process crashed in the step again and again.

    Args:
        step: `account`.
    """

    code = "crm_killing"

    def __init__(self, step: str) -> None:
        super().__init__(step, "our process died in it again and again")


class StorageError(HostError):
    """The external storage failed.

    Refused credentials and a full disk are not permanent: another try succeeds once somebody has acted.

    Args:
        step: `connect`, `sign_in`, `write`, `read`, `rename` or `delete`.
        reason: Safe to show: no credentials, no signed URLs.
        is_permanent: Whether another try is useless.
    """

    code = "storage"
    http_status = 502
    retryable = True

    def __init__(self, step: str, reason: str, *, is_permanent: bool = False) -> None:
        super().__init__(f"{step}: {reason}")
        self.step = step
        self.reason = reason
        self.is_permanent = is_permanent
        self.retryable = not is_permanent


class MailError(HostError):
    """A mail was not sent, or it isn't known whether it was.

    Args:
        step: `connect`, `starttls`, `sign_in`, `sender`, `recipient`, `content` or `send`.
        reason: Safe to show.
        is_permanent: Whether another try is useless: the server refuses this mail.
        said: The server's own words, which may hold addresses: not in `str()`.
    """

    code = "mail"
    http_status = 502
    retryable = True

    def __init__(self, step: str, reason: str, *, is_permanent: bool = False, said: str = "") -> None:
        super().__init__(f"{step}: {reason}")
        self.step = step
        self.reason = reason
        self.said = said
        self.retryable = not is_permanent
