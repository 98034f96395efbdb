"""Builds the body of a request: JSON, a form, multipart, or the file itself.

Source: docs/reference/generic-api.md, Request; docs/reference/settings.md, Endpoint keys.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from host.crm.request.parameters import (
    FILE_DATA,
    MARKER,
    Field,
    fill_text,
    fill_value,
    flat,
    names_file,
    nested,
    put,
)
from host.crm.request.request import Body, FilePart, FormBody, JsonBody, MultipartBody, RawBody, TextPart
from host.crm.settings.endpoint import Endpoint
from host.crm.settings.endpoint_parts import Part
from host.crm.templates import json_template
from host.crm.templates.quoting import as_text
from host.crm.templates.references import Reference
from host.crm.templates.template import Filled
from host.crm.templates.variables import Variables
from host.gate import writing

DEFAULT_FILE_FIELD = "file"


@dataclass
class Ledger:
    """Collects which variables were used in a request, and which had no value."""

    used: set[Reference] = field(default_factory=set)
    missing: set[Reference] = field(default_factory=set)
    withheld: set[Reference] = field(default_factory=set)
    """Of `missing`, the variables whose values could be syntax."""

    def note(self, filled: Filled) -> Filled:
        """Add the variables of a filled text; return it."""
        self.used |= filled.used
        self.missing |= filled.missing
        self.withheld |= filled.withheld
        return filled


def fields_go_into_query(endpoint: Endpoint) -> bool:
    """Tell whether the parameters go into the query: always for GET, else when the body is not made from them."""
    return endpoint.method == "GET" or endpoint.format == "template" or endpoint.body == "raw" or bool(endpoint.parts)


def body_of(endpoint: Endpoint, variables: Variables, fields: Sequence[Field], ledger: Ledger) -> Body | None:
    """Build the body.

    Args:
        endpoint: Its `body`, `format`, `template` and `parts`.
        variables: For templates and parts.
        fields: The parameters that are sent, without those in the query.
        ledger: Collects the variables of the body.
    """
    return _BodyBuilder(endpoint, variables, fields, ledger).body()


class _BodyBuilder:
    def __init__(self, endpoint: Endpoint, variables: Variables, fields: Sequence[Field], ledger: Ledger) -> None:
        self._endpoint = endpoint
        self._variables = variables
        self._fields = fields
        self._ledger = ledger
        self._file = variables.context.file

    def body(self) -> Body | None:
        endpoint = self._endpoint
        if endpoint.body == "raw":
            if self._file is None:
                self._note_missing_file()
            return RawBody(self._file) if self._file else None
        if endpoint.parts:
            return MultipartBody(tuple(made for part in endpoint.parts for made in self._part(part)))
        if endpoint.format == "template":
            return self._encode(self._template())
        return None if endpoint.method == "GET" else self._of_fields()

    def _of_fields(self) -> Body | None:
        if self._endpoint.body == "multipart":
            return MultipartBody(tuple(self._form_parts()))
        if self._endpoint.body == "form":
            return FormBody(tuple((name, as_text(value)) for name, value in self._form_pairs()))
        content = nested(self._pairs())
        if not content and self._endpoint.method == "DELETE":
            return None
        return JsonBody(self._wrap(content))

    def _pairs(self) -> list[tuple[str, Any]]:
        """Return names and values; a file as base64 text."""
        pairs = [
            (each.name, self._variables(FILE_DATA) if each.is_file else each.filled.value) for each in self._fields
        ]
        name = self._endpoint.file_field
        if name and self._file and not names_file(self._endpoint):
            pairs.append((name, self._variables(FILE_DATA)))
        return pairs

    def _wrap(self, content: dict[str, Any]) -> dict[str, Any]:
        container = self._endpoint.container
        if container is None:
            return content
        return {container.name: [content] if container.type == "array" else content}

    def _form_name(self, name: str) -> str:
        container = self._endpoint.container
        if container is None:
            return name
        return f"{container.name}[0][{name}]" if container.type == "array" else f"{container.name}[{name}]"

    def _form_pairs(self) -> Iterator[tuple[str, Any]]:
        for name, value in self._pairs():
            yield from flat(value, self._form_name(name))

    def _form_parts(self) -> Iterator[TextPart | FilePart]:
        """Yield form fields and files in order; a file that no parameter names comes last."""
        for each in self._fields:
            name = self._form_name(each.name)
            if each.is_file and self._file:
                yield FilePart(name, self._file)
            else:
                yield from (TextPart(inner, as_text(value)) for inner, value in flat(each.filled.value, name))
        if self._file and not names_file(self._endpoint):
            yield FilePart(self._endpoint.file_field or DEFAULT_FILE_FIELD, self._file)

    def _encode(self, content: Any) -> Body | None:
        """Encode a filled template as the endpoint's `body` says."""
        if content is json_template.OMITTED:
            return None
        if self._endpoint.body == "json":
            return JsonBody(content)
        pairs = [(name, as_text(value)) for name, value in flat(content, "") if name]
        if self._endpoint.body == "form":
            return FormBody(tuple(pairs))
        parts: list[TextPart | FilePart] = [TextPart(name, value) for name, value in pairs]
        if self._file:
            parts.append(FilePart(self._endpoint.file_field or DEFAULT_FILE_FIELD, self._file))
        return MultipartBody(tuple(parts))

    def _template(self) -> Any:
        variables, marker = self._variables, self._endpoint.marker
        filled = self._ledger.note(self._fill(self._endpoint.template, for_find=variables.for_find))
        content = filled.value
        if marker and variables.context.marker and MARKER not in filled.used and isinstance(content, dict):
            put(content, marker, variables.context.marker)
            self._ledger.used.add(MARKER)
        return content

    def _fill(self, tree: Any, *, for_find: bool) -> Filled:
        return json_template.fill(tree, lambda text: fill_text(text, self._variables), for_find=for_find)

    def _note_missing_file(self) -> None:
        self._ledger.missing.add(FILE_DATA)

    def _part(self, part: Part) -> Iterator[TextPart | FilePart]:
        if part.file:
            if self._file:
                yield FilePart(part.name, self._file)
            else:
                self._note_missing_file()
            return
        is_json = "json_value" in part.model_fields_set
        filled = self._fill(part.json_value, for_find=False) if is_json else fill_value(part.value, self._variables)
        self._ledger.note(filled)
        if is_json and filled.value is not json_template.OMITTED:
            yield TextPart(part.name, writing.typed(filled.value), "application/json")
        elif not is_json and not filled.is_empty:
            yield TextPart(part.name, as_text(filled.value))
