"""Serves `/openapi.json`, to everybody: it describes this version, and nothing of this installation."""

from functools import cache

from flask import Blueprint, Response

from host.web.openapi import document

blueprint = Blueprint("openapi", __name__)

CACHE_CONTROL = "public, max-age=300"


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Return the OpenAPI document."""
    answer = Response(_text(), mimetype="application/json")
    answer.headers["Cache-Control"] = CACHE_CONTROL
    return answer


@cache
def _text() -> str:
    return document.as_text()
