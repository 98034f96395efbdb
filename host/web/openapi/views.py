"""Serves `/openapi.json` and `/schemas/`, to everybody: they describe this version, nothing of this installation."""

from functools import cache

from flask import Blueprint, Response

from host.gate import writing
from host.reports.session_metadata import schema
from host.web.openapi import document

blueprint = Blueprint("openapi", __name__)

CACHE_CONTROL = "public, max-age=300"


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Return the OpenAPI document."""
    answer = Response(_text(), mimetype="application/json")
    answer.headers["Cache-Control"] = CACHE_CONTROL
    return answer


@blueprint.get("/schemas/session-metadata.json")
def session_metadata() -> Response:
    """Return the JSON Schema of the session metadata."""
    answer = Response(_schema_text(), mimetype="application/schema+json")
    answer.headers["Cache-Control"] = CACHE_CONTROL
    return answer


@cache
def _schema_text() -> str:
    return writing.text(schema.schema(), indent=2)


@cache
def _text() -> str:
    return document.as_text()
