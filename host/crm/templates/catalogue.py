"""The table of all variables: what each one stands for, and where it may be used.

Source: docs/reference/generic-api.md, Variables; docs/reference/lookup-links.md, Custom lookup URL.
"""

import difflib
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from host.crm.templates.references import Reference
from host.errors import TemplateError


class Place(StrEnum):
    """The kinds of texts with variables."""

    REQUEST = "request"
    """Any part of an endpoint except those below."""
    COMMENT = "comment"
    """`add_comment` and its steps."""
    UPLOAD = "upload"
    """`upload_file` and its steps."""
    ATTACHMENT = "attachment"
    """The attachment builder URL."""
    PAGE = "page"
    """Account and record lookup URLs, display URL, open custom URL."""
    TEXT = "text"
    """Subjects and descriptions."""
    LOOKUP = "lookup"
    """The two custom lookup URLs, which have their own set of variables."""


Takes = Literal["nothing", "key", "digits"]

_ENDPOINTS = frozenset({Place.REQUEST, Place.COMMENT, Place.UPLOAD})
_ALL = _ENDPOINTS | {Place.ATTACHMENT, Place.PAGE, Place.TEXT}
_UPLOAD = frozenset({Place.UPLOAD})
_LOOKUP = frozenset({Place.LOOKUP})
_LAST_DIGITS_MAX = 15


@dataclass(frozen=True)
class Variable:
    """One row of the table."""

    name: str
    says: str
    source: str = "reference"
    """`reference`, or `ours`."""
    places: frozenset[Place] = _ALL
    is_identifying: bool = False
    """Whether its value identifies the end user, so that a search by it finds one person."""
    is_personal: bool = False
    """Whether its value is masked in the trace once the session has ended."""
    takes: Takes = "nothing"


OURS = "ours"

VARIABLES: dict[str, Variable] = {
    variable.name: variable
    for variable in (
        Variable("AGENT_ID", "The agent's id here."),
        Variable("AGENT_CUSTOM_ID", "The agent number of the agent's profile."),
        Variable("AGENT_EMAIL", "The answering agent's e-mail."),
        Variable("NAME", "The end user's name.", is_personal=True),
        Variable("FIRST_NAME", "First word of the name.", is_personal=True),
        Variable("LAST_NAME", "The rest of the name; -- when there is none.", is_personal=True),
        Variable("CCAIP_ID", "The end user's id here."),
        Variable("EMAIL", "The end user's e-mail.", places=_ALL | _LOOKUP, is_identifying=True, is_personal=True),
        Variable("SESSION_TYPE", "Type of the session: Messaging (Web)."),
        Variable("PHONE_NUMBER", "The end user's number, in the set format.", is_identifying=True, is_personal=True),
        Variable("CALL_ID", "The session's id, when it is a call."),
        Variable("CHAT_ID", "The session's id, when it is a chat."),
        Variable("LANG", "Language, BCP 47."),
        Variable("CUSTOM_USER_ID", "The end user's identifier.", is_identifying=True, is_personal=True),
        Variable("ACCOUNT_ID", "The account's id in the CRM.", is_identifying=True),
        Variable("RECORD_ID", "The record's id in the CRM.", is_identifying=True),
        Variable("SESSION_ID", "The session's id.", places=_ALL | _LOOKUP),
        Variable("MENU_PATH", "The queue's path: Developers/James.", places=_ALL | _LOOKUP),
        Variable("OUTBOUND_PHONE_NUMBER", "The number an outbound call or message comes from, in the set format."),
        Variable("QUEUE_NAME", "The queue's name."),
        Variable("QUEUE_ID", "The queue's id here."),
        Variable("SMART_ACTION_SESSION_ID", "Id of the last smart action."),
        Variable("RATING", "1 to 5, when the end user left one."),
        Variable("FEEDBACK", "What the end user wrote beside the rating.", is_personal=True),
        Variable("CALL_DURATION", "mm:ss."),
        Variable("HOLD_TIME", "mm:ss."),
        Variable("WAIT_TIME", "mm:ss."),
        Variable("DEVICE_TYPE", "iOS, Android, Web, Phone."),
        Variable("DISCONNECTED_BY", "end_user, agent, virtual_agent, system."),
        Variable("CHANNEL", "voice_call or chat.", places=_ALL | _LOOKUP),
        Variable("TICKET_SUBJECT", "The record's title.", places=_ALL - {Place.TEXT}, is_personal=True),
        Variable("TICKET_DESCRIPTION", "The record's description.", places=_ALL - {Place.TEXT}, is_personal=True),
        Variable("TICKET_DESCRIPTION_HTML", "The same as HTML.", places=_ALL - {Place.TEXT}, is_personal=True),
        Variable("COMMENT_BODY", "The comment's text.", places=frozenset({Place.COMMENT}), is_personal=True),
        Variable("FILE_DATA", "The file: base64 text, or the file itself in a multipart form.", places=_UPLOAD),
        Variable("ATTACHMENT_ID", "What the CRM calls the uploaded file.", places=frozenset({Place.ATTACHMENT})),
        Variable("ACW_DURATION", "After-call work, mm:ss.", OURS),
        Variable("SMART_ACTION_VERIFICATION", "How the last verification went: `succeeded`, `failed`.", OURS),
        Variable("VERIFIED", "Whether the company's own system has said who the end user is: yes, no.", OURS),
        Variable("SMART_ACTION_TEXT", "What the consumer typed in last.", OURS, is_personal=True),
        Variable("SOURCE_TYPE", "PHONE or CHAT.", OURS),
        Variable("DIRECTION", "incoming or outgoing.", OURS),
        Variable("STATUS", "The session's status: queued.", OURS),
        Variable("EVENT", "Why this request is made: start, end, csat.", OURS),
        Variable("NOW", "The time, ISO 8601, UTC.", OURS),
        Variable("NOW_MS", "The time in milliseconds since 1970.", OURS),
        Variable("FILE_NAME", "call-103646.mp3.", OURS, _UPLOAD),
        Variable("FILE_TYPE", "MIME type: audio/mpeg.", OURS, _UPLOAD),
        Variable("FILE_SIZE", "In bytes.", OURS, _UPLOAD),
        Variable("FILE_KIND", "call_recordings, chat_transcripts, ...", OURS, _UPLOAD),
        Variable("FILE_DATA_URI", "data:audio/mpeg;base64,...", OURS, _UPLOAD),
        Variable(
            "PHONE_LAST_DIGITS",
            "The number's last digits.",
            OURS,
            is_identifying=True,
            is_personal=True,
            takes="digits",
        ),
        Variable("CUSTOM_DATA", "One value of the custom data, by its key.", OURS, is_personal=True, takes="key"),
        Variable("SAVED", "A value kept from an earlier answer.", OURS, _ENDPOINTS | {Place.ATTACHMENT}, takes="key"),
        Variable("MARKER", "The create-once marker of this request.", OURS, _ENDPOINTS, is_identifying=True),
        Variable("BASE_URL", "The API's address out of the token answer.", OURS, _ENDPOINTS | {Place.PAGE}),
        Variable("ANI", "The caller's number, in the set format.", places=_LOOKUP, is_personal=True),
        Variable("CUID", "The end user's identifier.", places=_LOOKUP, is_personal=True),
        Variable("MENU_ID", "The queue's id here.", places=_LOOKUP),
        Variable("TYPE", "Type of the session: IVR_Call.", places=_LOOKUP),
        Variable("CUSTOMER_PHONE_NUMBER", "As ANI.", places=_LOOKUP, is_personal=True),
        Variable("SUPPORT_PHONE_NUMBER", "The number that was called.", places=_LOOKUP),
        Variable("OUTBOUND_NUMBER", "The number an outbound call comes from.", places=_LOOKUP),
        Variable("CUSTOM_AGENT_ID", "The agent number of the agent's profile.", places=_LOOKUP),
    )
}


def get_variable(reference: Reference, place: Place) -> Variable:
    """Return the row of a reference.

    Raises:
        TemplateError: The variable does not exist, is not available in this place, or is malformed. The message gives
            the correct form.
    """
    variable = VARIABLES.get(reference.name)
    if variable is None or place not in variable.places:
        raise TemplateError(_unknown(reference, place, exists=variable is not None))
    if _is_well_written(reference, variable):
        return variable
    right = {"key": f"{{{variable.name}.key}}", "digits": f"{{{variable.name}:7}}"}
    raise TemplateError(f"found {reference}; right would be {right.get(variable.takes, f'{{{variable.name}}}')}")


def is_identifying(reference: Reference) -> bool:
    """Tell whether the value of this variable identifies the end user."""
    variable = VARIABLES.get(reference.name)
    return variable is not None and variable.is_identifying


def _is_well_written(reference: Reference, variable: Variable) -> bool:
    if variable.takes == "key":
        return bool(reference.key) and reference.argument is None
    if variable.takes == "digits":
        digits = reference.argument or ""
        return reference.key is None and digits.isdecimal() and 1 <= int(digits) <= _LAST_DIGITS_MAX
    return reference.key is None and reference.argument is None


def _unknown(reference: Reference, place: Place, *, exists: bool) -> str:
    names = [name for name, variable in VARIABLES.items() if place in variable.places]
    if exists:
        wrong = f"{{{reference.name}}} is not available here"
    else:
        wrong = f"unknown variable {{{reference.name}}}; for these characters themselves write {{{reference}}}"
    near = difflib.get_close_matches(reference.name, names, n=1, cutoff=0.5)
    return f"{wrong}; nearest: {{{near[0]}}}" if near else f"{wrong}; get_variable: {', '.join(names)}"
