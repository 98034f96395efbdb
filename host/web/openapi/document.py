"""Builds the OpenAPI document.

Source: docs/reference/platform-api.md, The description.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import DEFAULT_REF_TEMPLATE

from host.gate import writing
from host.web.api import requests
from host.web.api.register import DESCRIPTIONS, PREFIXES, ROOT_DESCRIPTIONS
from host.web.api.responses import NO_CONTENT
from host.web.crm_api import views as crm_api
from host.web.descriptions import Description
from host.web.openapi.errors import ERRORS
from host.web.problem import ErrorAnswer
from host.web.security import csrf
from host.web.security.cookies import COOKIE

REFS = "#/components/schemas/{model}"
SUCCESS = {200: "Done", 201: "Created", 204: "Done; there is nothing to say"}
REPEATED = "Repeated with the same idempotency key: nothing more was created"
Mode = Literal["validation", "serialization"]


@dataclass(frozen=True)
class Interface:
    """One of the interfaces."""

    tag: str
    words: str
    prefix: str
    operations: Sequence[Description]
    ids: dict[str, Any]
    """The schema of the placeholders in its paths."""
    security: Sequence[dict[str, Sequence[str]]]
    """Ways to be let in; one is enough."""


PLATFORM = Interface(
    tag="platform",
    words=f"Calls and chats, for other systems. It answers the same under {', '.join(PREFIXES.values())}.",
    prefix=PREFIXES["api"],
    operations=DESCRIPTIONS,
    ids={"type": "integer", "minimum": 0, "format": "int64"},
    security=[{"companyKey": []}],
)
CRM = Interface(
    tag="crm",
    words="The CRM, for shell pages and listeners of signed-in agents.",
    prefix=crm_api.PREFIX,
    operations=crm_api.DESCRIBED,
    ids={"type": "string", "minLength": 1},
    security=[{"signIn": [], "csrfToken": []}],
)
ROOT = Interface(
    tag="field mappings",
    words="Which custom data goes into which fields of the CRM, for other systems and signed-in admins.",
    prefix="",
    operations=ROOT_DESCRIPTIONS,
    ids=PLATFORM.ids,
    security=[{"companyKey": []}, {"signIn": [], "csrfToken": []}],
)
INTERFACES = (PLATFORM, ROOT, CRM)
SECURITY = {
    "companyKey": {"type": "http", "scheme": "basic", "description": "The company key and its secret"},
    "signIn": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "An agent's or admin's sign-in"},
    "csrfToken": {"type": "apiKey", "in": "header", "name": csrf.HEADER, "description": "The page's CSRF token"},
}


def document() -> dict[str, Any]:
    """Return the OpenAPI document of this version; always the same."""
    schemas, components = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    for interface in INTERFACES:
        for each in interface.operations:
            shown = _operation(interface, each, schemas)
            paths.setdefault(interface.prefix + each.path, {})[each.method.lower()] = shown
    return {
        "openapi": "3.1.0",
        "info": {"title": "Patchbay", "version": version("patchbay"), "license": {"name": "MIT", "identifier": "MIT"}},
        "tags": [{"name": each.tag, "description": each.words} for each in INTERFACES],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": SECURITY, "responses": _error_responses()},
    }


def as_text() -> str:
    """Return the document as JSON, one value on each line."""
    return writing.text(document(), indent=2) + "\n"


class Schemas:
    """The schemas of all models; those in the document refer to its components."""

    def __init__(self, found: dict[tuple[str, Mode], dict[str, Any]]) -> None:
        self._found = found

    def of(self, type_: Any, mode: Mode) -> dict[str, Any]:
        """Return the schema of a type, as it comes in (validation) or goes out (serialization)."""
        return self._found[_key(type_), mode]


def _schemas() -> tuple[Schemas, dict[str, Any]]:
    """Return the schemas of all models, and the components that they refer to."""
    wanted: dict[tuple[str, Mode], Any] = {(_key(ErrorAnswer), "serialization"): ErrorAnswer}
    wanted |= {(_key(each.body), "validation"): each.body for each in _all() if each.body is not None}
    wanted |= {(_key(each.answers), "serialization"): each.answers for each in _all()}
    inputs = [(key, mode, TypeAdapter(each)) for (key, mode), each in wanted.items()]
    found, definitions = TypeAdapter.json_schemas(inputs, ref_template=REFS)
    return Schemas(dict(found)), definitions.get("$defs", {})


def _key(type_: Any) -> str:
    return repr(type_)


def _all() -> Iterable[Description]:
    for interface in INTERFACES:
        yield from interface.operations


def _operation(interface: Interface, each: Description, schemas: Schemas) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "operationId": each.name,
        "summary": each.words,
        "tags": [interface.tag],
        "security": list(interface.security),
        "parameters": [*_path_parameters(interface, each), *_query_parameters(each), *_key_parameter(each)],
        "responses": {**_answers(each, schemas), **_errors(each)},
    }
    return {**shown, "requestBody": _body(each, schemas)} if each.body or each.takes_file else shown


def _path_parameters(interface: Interface, each: Description) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": dict(interface.ids)} for name in each.placeholders]


def _query_parameters(each: Description) -> list[dict[str, Any]]:
    if each.query is None:
        return []
    schema = each.query.model_json_schema(ref_template=DEFAULT_REF_TEMPLATE)
    needed = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": _one_kind(found)}
        for name, found in schema["properties"].items()
    ]


def _one_kind(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without null: a query can't say it, it leaves the parameter out."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    rest = {name: value for name, value in schema.items() if name not in {"anyOf", "default", "title"}}
    return {**kinds[0], **rest}


def _key_parameter(each: Description) -> list[dict[str, Any]]:
    if each.longest_key is None:
        return []
    pattern = f"^[ -~]{{1,{each.longest_key}}}$"
    words = "Makes a request count once, however often it is sent"
    schema = {"type": "string", "pattern": pattern}
    return [{"name": requests.HEADER, "in": "header", "required": False, "schema": schema, "description": words}]


def _body(each: Description, schemas: Schemas) -> dict[str, Any]:
    if each.takes_file:
        part = {"type": "string", "format": "binary"}
        schema = {"type": "object", "properties": {"file": part}, "required": ["file"]}
        return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    content = {"application/json": {"schema": schemas.of(each.body, "validation")}}
    return {"required": each.body_is_required, "content": content}


def _answers(each: Description, schemas: Schemas) -> dict[str, Any]:
    content = {"application/json": {"schema": schemas.of(each.answers, "serialization")}}
    headers = {
        name: {"schema": {"type": "string"}, "required": True, "description": words}
        for name, words in each.headers.items()
    }
    shared: dict[str, Any] = {"content": content, **({"headers": headers} if headers else {})}
    words = {**SUCCESS, **({200: REPEATED} if 201 in each.statuses else {})}
    return {
        str(status): {"description": words[status], **(shared if status != NO_CONTENT else {})}
        for status in each.statuses
    }


def _errors(each: Description) -> dict[str, Any]:
    return {str(status): {"$ref": f"#/components/responses/{ERRORS[status].name}"} for status in each.errors}


def _error_responses() -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": REFS.format(model=ErrorAnswer.__name__)}}}
    return {
        each.name: {
            "description": each.words,
            "content": content,
            **({"headers": each.headers} if each.headers else {}),
        }
        for each in ERRORS.values()
    }
