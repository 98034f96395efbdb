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

from host.errors.base import HostError
from host.errors.configuration import ConfigError, EndpointOrderError, FunctionSyntaxError, SettingsError, TemplateError
from host.errors.crm import (
    AskPersonError,
    ChooseError,
    CrmAddressError,
    CrmAnswerError,
    CrmAuthError,
    CrmError,
    CrmRejectedError,
    CrmTimeoutError,
    CrmUnavailableError,
    NotYetKnownError,
    PoisonedStepError,
    UnfinishedSearchError,
)
from host.errors.destinations import MailError, NoRoomError, StorageError
from host.errors.requests import (
    FieldsError,
    MisdirectedError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    OtherCrmError,
    RepeatedKeyError,
    RequestError,
    TakenError,
    TooManyError,
    TransitionError,
)

__all__ = [
    "AskPersonError",
    "ChooseError",
    "ConfigError",
    "CrmAddressError",
    "CrmAnswerError",
    "CrmAuthError",
    "CrmError",
    "CrmRejectedError",
    "CrmTimeoutError",
    "CrmUnavailableError",
    "EndpointOrderError",
    "FieldsError",
    "FunctionSyntaxError",
    "HostError",
    "MailError",
    "MisdirectedError",
    "NoRoomError",
    "NotAllowedError",
    "NotFoundError",
    "NotSignedInError",
    "NotYetKnownError",
    "OtherCrmError",
    "PoisonedStepError",
    "RepeatedKeyError",
    "RequestError",
    "SettingsError",
    "StorageError",
    "TakenError",
    "TemplateError",
    "TooManyError",
    "TransitionError",
    "UnfinishedSearchError",
]
