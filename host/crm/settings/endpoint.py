"""Settings `crm.endpoints`: one endpoint of the CRM's API.

Source: docs/reference/settings.md, Endpoint keys; docs/reference/generic-api.md, Endpoints.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic import StrictBool as Switch

from host.addresses import template_url
from host.crm.settings.endpoint_parts import (
    Attachment,
    Container,
    Duplicate,
    Header,
    IfMatch,
    MatchFields,
    NotFound,
    Order,
    Paging,
    Parameter,
    Part,
    Pattern,
    RowCondition,
    Saved,
    Success,
)
from host.file_kinds import FileKind
from host.schema import Number, Section

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "SEARCH"]
PhoneFormatName = Literal["automatic", "e164", "us_local", "us_local_standard", "international"]
TextFormat = Literal["plain", "html", "markdown"]
OnUnknown = Literal["ask", "resend"]

PHONE_FORMATS = ("automatic", "e164", "us_local", "us_local_standard", "international")
MAX_STEPS = 5
_SAVED_NAME = re.compile(r"[A-Za-z0-9_]+")
_LAST_DIGITS = re.compile(r"last_digits:([1-9]|1[0-5])")


def _phone_format(value: str) -> str:
    if value in PHONE_FORMATS or _LAST_DIGITS.fullmatch(value):
        return value
    raise ValueError(f"found {value!r}; allowed: {', '.join(PHONE_FORMATS)}, last_digits:1 to last_digits:15")


def _saved_names(value: Mapping[str, Saved]) -> Mapping[str, Saved]:
    for name in value:
        if not _SAVED_NAME.fullmatch(name):
            raise ValueError(f"found the name {name!r}; allowed: letters, digits and _")
    return value


TimeoutSeconds = Annotated[Number, Field(ge=1, le=10)]
SettleSeconds = Annotated[Number, Field(ge=0, le=86400)]


class Endpoint(Section):
    """One endpoint, with the inherited values filled in.

    `timeout_s`, `settle_s`, `on_unknown`, `idempotency_header` and `phone_format` come from the `crm` section unless
    the endpoint has its own.
    """

    url: Annotated[str, AfterValidator(template_url)]
    """May hold variables everywhere; their values are percent-encoded for their place."""
    method: Method = "GET"
    headers: tuple[Header, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    body: Literal["json", "form", "multipart", "raw"] = "json"
    format: Literal["property", "container", "template"] = "property"
    container: Container | None = None
    template: Any = None
    parts: tuple[Part, ...] = ()

    response_location: str = ""
    """Empty: the whole body."""
    id_location: str | None = None
    """null: the first of id, Id, ID, _id."""
    id_pattern: Pattern | None = None
    """A regular expression with one group, around the id."""
    rows: tuple[RowCondition, ...] = ()
    paging: Paging | None = None
    order: Order | None = None
    verify_match: Switch = True
    match_fields: MatchFields = Field(default_factory=dict)
    success: Success = Success()
    not_found: NotFound = NotFound()
    duplicate: Duplicate | None = None
    """Which answers mean that the object exists already: statuses (409), conditions (`when`), and the place of its id
    (`id_location`). null: none. `create_account` and `create_record` have one by default."""

    alternatives: tuple["Endpoint", ...] = ()
    """For a find: tried in order after the main request; the first with a match wins. An alternative inherits the keys
    that it doesn't give; with its own `url` not `parameters`, `template`, `container`, `body`. `null` drops a key."""
    steps: Annotated[tuple["Endpoint", ...], Field(max_length=MAX_STEPS)] = ()
    save: Annotated[Mapping[str, Saved], AfterValidator(_saved_names)] = Field(default_factory=dict)
    """Name to path, or to `{"location", "pattern"}`: saved from this answer as {SAVED.name}."""
    if_match: IfMatch | None = None

    phone_format: PhoneFormatName = "e164"
    phone_formats: tuple[Annotated[str, AfterValidator(_phone_format)], ...] = ()
    """Tried in turn instead of `phone_format`; `last_digits:7` too."""
    idempotency_header: str = "Idempotency-Key"
    """Empty: none is sent."""
    marker: str | None = None
    """The parameter that carries, or in a find searches, the create-once marker."""
    idempotent: Switch | None = None
    """Whether sending twice leaves the same state; null: decided by method and endpoint."""
    timeout_s: TimeoutSeconds = 5
    settle_s: SettleSeconds = 30
    on_unknown: OnUnknown = "ask"

    type: Literal["base64", "multipart"] | None = None
    """For an upload: short for body json or multipart."""
    files: tuple[FileKind, ...] = ()
    file_field: str | None = None
    attachment: Attachment | None = None
    add_comment: Switch = False
    text_format: TextFormat = "plain"

    @model_validator(mode="after")
    def _body_fits(self) -> Self:
        if self.format == "container" and self.container is None:
            raise ValueError('"format": "container" needs "container": {"type", "name"}')
        if self.format == "template" and "template" not in self.model_fields_set:
            raise ValueError('"format": "template" needs "template"')
        for key in ("container", "template"):
            if key in self.model_fields_set and getattr(self, key) is not None and self.format != key:
                raise ValueError(f'"{key}" is given, but "format" is "{self.format}"; right would be "{key}"')
        if self.parts and self.body != "multipart":
            raise ValueError(f'"parts" needs "body": "multipart"; found "{self.body}"')
        return self
