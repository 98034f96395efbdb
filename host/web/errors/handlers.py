"""Flask's error handlers: one JSON shape for programs, one page for people.

{"error": "not_found", "message": "...", "status": 404, "retryable": false, "fields": {...}?}
"""

import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from gunicorn.http.errors import NoMoreData, ParseException
from ulid import ULID
from werkzeug.exceptions import HTTPException

from host.errors import HostError, NotSignedInError, RequestError, TooManyError
from host.web.errors.advice import advice
from host.web.sign_in import places

API_PATHS = ("/api/", "/apps/", "/manager/")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Problem:
    """An error, ready to show."""

    error: str
    """The stable code."""
    message: str
    status: int
    retryable: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Return the JSON shape."""
        shape = {"error": self.error, "message": self.message, "status": self.status, "retryable": self.retryable}
        return {**shape, "fields": dict(self.fields)} if self.fields else shape


def init_app(app: Flask) -> None:
    """Register the error handlers."""
    app.register_error_handler(HostError, _host_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    for malformed in (ParseException, NoMoreData):
        app.register_error_handler(malformed, _malformed)
    app.register_error_handler(Exception, unexpected)


def problem_of(error: HostError) -> Problem:
    """Describe an error of `host.errors`."""
    headers = {}
    if isinstance(error, TooManyError) and error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    return Problem(error.code, str(error), error.http_status, error.retryable, error.fields, headers)


def wants_json() -> bool:
    """Tell whether to answer with JSON: by address, by header, or because no page is accepted."""
    if request.path.startswith(API_PATHS) or request.is_json:
        return True
    if "X-CSRF-Token" in request.headers or request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return True
    accepts = request.accept_mimetypes
    return "text/html" not in accepts.values() or accepts["application/json"] > accepts["text/html"]


def answer(problem: Problem) -> ResponseReturnValue:
    """Answer with a problem, as JSON or as a page."""
    if wants_json():
        return jsonify(problem.body()), problem.status, dict(problem.headers)
    page = {"problem": problem, "advice": advice(problem.status)}
    return render_template("error.html", page=page), problem.status, dict(problem.headers)


def _host_error(error: HostError) -> ResponseReturnValue:
    if isinstance(error, NotSignedInError) and request.method == "GET" and not wants_json():
        return redirect(places.sign_in_url(request.full_path), 303)
    return answer(problem_of(error))


def _csrf_error(_error: CSRFError) -> ResponseReturnValue:
    reason = "This page is out of date, or the request came from elsewhere. Reload the page and try again."
    return answer(Problem("csrf", reason, 400))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    code = error.name.lower().replace(" ", "_")
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    return answer(Problem(code, str(error.description), status, status in {429, 503}, headers=headers))


def _malformed(_error: Exception) -> ResponseReturnValue:
    """Answer a request whose body is incomplete or has malformed chunks."""
    reason = "The request's body is cut off or malformed; send all of it, with its length or in chunks."
    return answer(problem_of(RequestError(reason)))


def unexpected(error: Exception) -> ResponseReturnValue:
    """Log an unexpected error under an id that the answer shows."""
    error_id = str(ULID())
    log.error("unexpected error %s in %s\n%s", error_id, request.endpoint, without_values(error))
    reason = f"Something went wrong on our side. It is logged under {error_id}."
    return answer(Problem("internal", reason, 500))


def without_values(error: BaseException) -> str:
    """Return the traceback without error messages, since those may contain personal data."""
    lines = []
    current: BaseException | None = error
    while current is not None:
        lines += [
            f"{type(current).__module__}.{type(current).__qualname__}\n",
            *traceback.format_tb(current.__traceback__),
        ]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "".join(lines)
