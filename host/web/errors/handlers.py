"""Flask's error handlers: one JSON shape for programs, one page for people.

{"error": "not_found", "message": "...", "status": 404, "retryable": false, "fields": {...}?}
"""

from flask import Flask, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from gunicorn.http.errors import NoMoreData, ParseException
from werkzeug.exceptions import HTTPException

from host.errors import HostError, NotSignedInError, RequestError
from host.web import problem
from host.web.errors.advice import advice
from host.web.problem import Problem, problem_of
from host.web.sign_in import places

API_PATHS = ("/api/", "/apps/", "/manager/")


def init_app(app: Flask) -> None:
    """Register the error handlers."""
    app.register_error_handler(HostError, _host_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    for malformed in (ParseException, NoMoreData):
        app.register_error_handler(malformed, _malformed)
    app.register_error_handler(Exception, unexpected)


def wants_json() -> bool:
    """Tell whether to answer with JSON: by address, by header, or because no page is accepted."""
    if request.path.startswith(API_PATHS) or request.is_json:
        return True
    if "X-CSRF-Token" in request.headers or request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return True
    accepts = request.accept_mimetypes
    return "text/html" not in accepts.values() or accepts["application/json"] > accepts["text/html"]


def answer(found: Problem) -> ResponseReturnValue:
    """Answer with a problem, as JSON or as a page."""
    if wants_json():
        return jsonify(found.body()), found.status, dict(found.headers)
    page = {"problem": found, "advice": advice(found.status)}
    return render_template("error.html", page=page), found.status, dict(found.headers)


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
    return answer(problem.unexpected(error, request.endpoint))
