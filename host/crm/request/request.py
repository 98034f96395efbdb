"""The request values: a complete request, its body, and the reason when none is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from urllib3.fields import RequestField
from urllib3.filepost import encode_multipart_formdata

from host.crm.settings.endpoint import Endpoint
from host.crm.templates.references import Reference
from host.crm.templates.variables import SessionFile
from host.gate import writing


@dataclass(frozen=True)
class SearchedBy:
    """The values that a find searched by; a hit is compared with them."""

    phone: str = ""
    """As received, not in the phone format."""
    email: str = ""
    ids: frozenset[str] = frozenset()
    """Other identifying values: the custom user id, an account's or record's id, the marker."""


@dataclass(frozen=True)
class JsonBody:
    """Sent as application/json."""

    value: Any


@dataclass(frozen=True)
class FormBody:
    """Sent as application/x-www-form-urlencoded."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FilePart:
    """A part of a multipart body: the session file under its own name and type."""

    name: str
    file: SessionFile


@dataclass(frozen=True)
class TextPart:
    """A part of a multipart body: a form field, or with a `type` other text such as JSON."""

    name: str
    value: str
    type: str | None = None


@dataclass(frozen=True)
class MultipartBody:
    """Sent as multipart/form-data, the parts in this order."""

    parts: tuple[TextPart | FilePart, ...]


@dataclass(frozen=True)
class RawBody:
    """The file itself, with its own type."""

    file: SessionFile


Body = JsonBody | FormBody | MultipartBody | RawBody


@dataclass(frozen=True)
class Request:
    """One request, ready to send."""

    endpoint: Endpoint
    method: str
    url: str
    """Complete and encoded, with the query."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The endpoint's headers, without authentication and Content-Type."""
    body: Body | None = None
    searched: SearchedBy = SearchedBy()
    missing: frozenset[Reference] = frozenset()
    """The variables without a value; the parameters that need them were left out."""
    withheld: frozenset[Reference] = frozenset()
    """Of `missing`, the variables whose values could be syntax in the text around them."""

    @property
    def is_upload(self) -> bool:
        """Whether the body holds a file, so that sending may take long."""
        return isinstance(self.body, RawBody | MultipartBody)

    @cached_property
    def sent(self) -> tuple[dict[str, str], bytes | None]:
        """Headers and body as they are sent, without authentication; a file is read once."""
        body, content_type = self.content()
        headers = dict(self.headers)
        if content_type is None:
            return headers, body
        named = [name for name in headers if name.lower() == "content-type"]
        if named and not isinstance(self.body, MultipartBody):  # only we know the boundary
            return headers, body
        return {name: value for name, value in headers.items() if name not in named} | {
            "Content-Type": content_type
        }, body

    def content(self) -> tuple[bytes | None, str | None]:
        """Return the bytes to send and their Content-Type; `(None, None)` without a body."""
        match self.body:
            case None:
                return None, None
            case JsonBody(value):
                return writing.typed(value).encode("ascii"), "application/json"
            case FormBody(pairs):
                return urlencode(pairs, errors="replace").encode("ascii"), "application/x-www-form-urlencoded"
            case MultipartBody(parts):
                return encode_multipart_formdata([_field(part) for part in parts])
            case RawBody(file):
                return file.read(), file.type


@dataclass(frozen=True)
class NotSent:
    """The reason why no request is made; not an error; goes into the trace, without personal data."""

    endpoint: Endpoint
    reason: str
    withheld: frozenset[Reference] = frozenset()
    """As in `Request`."""


Rendering = Request | NotSent


def shown(body: Body | None) -> Any:
    """Return a body as JSON for the trace; files by name and size."""
    match body:
        case None:
            return None
        case JsonBody(value):
            return value
        case FormBody(pairs):
            return [list(pair) for pair in pairs]
        case MultipartBody(parts):
            return [_shown_part(part) for part in parts]
        case RawBody(file):
            return _shown_file(file)


def _shown_part(part: TextPart | FilePart) -> Sequence[Any]:
    return [part.name, part.value if isinstance(part, TextPart) else _shown_file(part.file)]


def _shown_file(file: SessionFile) -> dict[str, Any]:
    return {"file": file.name, "type": file.type, "size_bytes": file.size_bytes}


def _field(part: TextPart | FilePart) -> RequestField:
    if isinstance(part, FilePart):
        made = RequestField(part.name, part.file.read(), filename=part.file.name)
        made.make_multipart(content_type=part.file.type)
        return made
    made = RequestField(part.name, part.value.encode("utf-8", "replace"))
    made.make_multipart(content_type=part.type)
    return made
