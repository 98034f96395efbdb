"""Settings inside an endpoint: parameters, conditions, paging, saved values and others.

Source: docs/reference/settings.md, Endpoint keys.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    StrictBool,
    StrictInt,
    model_serializer,
    model_validator,
)

from host.addresses import template_url, template_url_or_empty
from host.crm.templates import patterns
from host.schema import Scalar, ScalarField, Section

Quote = Literal["none", "url", "json", "soql", "odata", "zoho", "sql", "double", "backslash"]
Operator = Literal["equals", "not_equals", "in", "not_in", "contains"]
OPERATORS: tuple[Operator, ...] = ("equals", "not_equals", "in", "not_in", "contains")

LARGEST_PAGE_COUNT = 50


def _status(value: int) -> int:
    if not 100 <= value <= 599:
        raise ValueError(f"found {value}; allowed: an HTTP status, 100 to 599")
    return value


Status = Annotated[StrictInt, AfterValidator(_status)]
Name = Annotated[str, Field(min_length=1)]
Pattern = Annotated[str, AfterValidator(patterns.checked)]
"""A regular expression with one group, around the wanted part."""


class Header(Section):
    """One header of an endpoint's requests."""

    key: Name
    value: str
    """A template, as in a parameter."""


class Parameter(Section):
    """One request parameter."""

    name: Name
    """In JSON bodies `a.b` nests and `\\.` is a literal dot."""
    value: ScalarField
    """Text is a template or a function; other types are sent unchanged."""
    quote: Quote = "none"
    """How values are quoted inside the text."""


class Container(Section):
    """The container around a body's parameters: `{name: {...}}` or `{name: [{...}]}`."""

    type: Literal["map", "array"] = "map"
    name: Name


class Part(Section):
    """One part of a multipart body; exactly one of value, json and file is its content."""

    name: Name
    value: ScalarField = None
    json_value: Any = Field(default=None, alias="json")
    """Sent as JSON text; variables in its strings."""
    file: StrictBool = False
    """The session file, with its own name and type."""

    @model_validator(mode="after")
    def _one_content(self) -> Self:
        given = {"value", "json_value"} & self.model_fields_set
        if len(given) + self.file != 1:
            raise ValueError('give exactly one of "value", "json" and "file": true')
        return self


class RowCondition(Section):
    """A condition on one row or on a whole answer; it has exactly one operator."""

    location: str
    equals: ScalarField = None
    not_equals: ScalarField = None
    in_: tuple[ScalarField, ...] = Field(default=(), alias="in")
    not_in: tuple[ScalarField, ...] = ()
    contains: ScalarField = None

    @model_validator(mode="after")
    def _one_operator(self) -> Self:
        given = [name for name in OPERATORS if self._field(name) in self.model_fields_set]
        if len(given) != 1:
            found = ", ".join(given) or "none"
            raise ValueError(f"found {found}; allowed: exactly one of {', '.join(OPERATORS)}")
        return self

    @staticmethod
    def _field(operator: str) -> str:
        return "in_" if operator == "in" else operator

    @property
    def operator(self) -> Operator:
        """The operator that is set."""
        return next(name for name in OPERATORS if self._field(name) in self.model_fields_set)

    @property
    def operand(self) -> Scalar | tuple[Scalar, ...]:
        """The value to compare with: a template, or several for `in` and `not_in`."""
        operand: Scalar | tuple[Scalar, ...] = getattr(self, self._field(self.operator))
        return operand


class Paging(Section):
    """How to request the next page of a find's answer."""

    type: Literal["next_link", "cursor", "page", "offset"]
    location: str = ""
    """The location of the next link or the cursor in the answer."""
    parameter: str = ""
    """The query parameter that carries the cursor, page number or offset."""
    max_pages: Annotated[StrictInt, Field(ge=1, le=LARGEST_PAGE_COUNT)] = 5

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.type in {"next_link", "cursor"} and not self.location:
            raise ValueError(f'"{self.type}" needs "location": where it stands in the answer')
        if self.type != "next_link" and not self.parameter:
            raise ValueError(f'"{self.type}" needs "parameter": the name to send it under')
        return self


class Order(Section):
    """How several hits are ordered; the first one pops."""

    location: str
    descending: StrictBool = True


class Success(Section):
    """Which answers mean success."""

    statuses: tuple[Status, ...] = ()
    """Empty: any 2xx."""
    unless: tuple[RowCondition, ...] = ()
    """An answer for which one of these conditions holds is an error."""


class NotFound(Section):
    """Which answers mean "no match" instead of an error."""

    statuses: tuple[Status, ...] = (404, 204)
    when: tuple[RowCondition, ...] = ()


class Duplicate(Section):
    """Which answers mean that the object exists already."""

    statuses: tuple[Status, ...] = (409,)
    when: tuple[RowCondition, ...] = ()
    """An answer for which one of these conditions holds is a duplicate, also with 2xx."""
    id_location: str | None = None
    """The location of its id in the answer; without it the object is searched for."""


class Saved(Section):
    """The location of a value that is saved; a text alone is its `location`."""

    location: str
    pattern: Pattern | None = None
    """Cuts the value: a regular expression with one group."""

    @model_validator(mode="before")
    @classmethod
    def _of_text(cls, given: Any) -> Any:
        return {"location": given} if isinstance(given, str) else given

    @model_serializer(mode="wrap")
    def _as_given(self, write: SerializerFunctionWrapHandler) -> Any:
        return self.location if self.pattern is None else write(self)


class IfMatch(Section):
    """A version that is read first and sent with the request; both are repeated once on 412."""

    url: Annotated[str, AfterValidator(template_url)]
    location: str = "header:ETag"
    send: Literal["header", "@etag"] = "header"
    """As `If-Match`, or in the body under `@etag`."""


class Attachment(Section):
    """How an uploaded file is linked to."""

    type: Literal["id", "url"] = "id"
    location: str = "id"
    """The location of the id or the download URL in the answer."""
    url: Annotated[str, AfterValidator(template_url_or_empty)] = ""
    """Attachment builder URL, with {RECORD_ID} and {ATTACHMENT_ID}; for type id."""


MatchFields = Mapping[Literal["phone", "email"], tuple[str, ...]]
