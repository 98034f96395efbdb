"""Errors of the CRM."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from host.errors.base import HostError


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
