"""The sections `email_outcome` and `smtp` of the settings file.

Source: docs/reference/files.md, E-mail with the outcome.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic import StrictBool as Switch
from pydantic import StrictInt as Whole

from host.addresses import email, email_or_empty
from host.schema import NO_SECRET, Secret, Section

Security = Literal["none", "starttls", "tls"]


class EmailOutcome(Section):
    """The mail with a session's outcome."""

    enabled: Switch = False
    address: Annotated[str, AfterValidator(email_or_empty)] = ""
    """Empty: no mail."""
    subject: str = "{CHANNEL} {SESSION_ID}: {SESSION_TYPE}"


class Smtp(Section):
    """The mail server."""

    host: Annotated[str, Field(min_length=1)] = "localhost"
    port: Annotated[Whole, Field(ge=1, le=65535)] = 25
    security: Security = "none"
    username: str = ""
    password: Secret = NO_SECRET
    sender: Annotated[str, AfterValidator(email)] = "no-reply@example.com"
