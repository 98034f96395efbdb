"""The app factory of the starter CRM."""

import logging
import re
from collections.abc import Sequence
from pathlib import Path

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError

from crm_shell.starter_crm.api.answering import refused
from crm_shell.starter_crm.api.parts import views as part_views
from crm_shell.starter_crm.api.views import views as api_views
from crm_shell.starter_crm.context import EXTENSION, Crm
from crm_shell.starter_crm.errors import ApiError
from crm_shell.starter_crm.faults import middleware
from crm_shell.starter_crm.faults.rules import Rules
from crm_shell.starter_crm.faults.views import fault_views
from crm_shell.starter_crm.pages import show
from crm_shell.starter_crm.pages.views import views as page_views
from crm_shell.starter_crm.store.database import Database

ORIGIN = re.compile(r"https?://[^\s/;,'\"@]+", re.ASCII)
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
SELF = "'self'"
LARGEST_BODY = 128 * 1024 * 1024
JSON_PATHS = ("/api/", "/faults")


def create_app(
    folder: Path, api_key: str, frame_ancestors: Sequence[str], *, faults: bool = False, is_public: bool = False
) -> Flask:
    """Build the CRM.

    Args:
        folder: Where its SQLite file is; made when it isn't there.
        api_key: What callers of the API must send.
        frame_ancestors: Origins whose pages may frame the CRM's, beside itself: ``http://127.0.0.1:8000``.
        faults: Whether tests may make it misbehave (`faults.rules`).
        is_public: Whether others than this machine reach it: its pages then ask for the API key, and any Host
            header is fine. Otherwise only local names are, so that no foreign name can be bound to the open pages.

    Raises:
        ValueError: An empty key, or a frame ancestor that is no origin.
    """
    if not api_key:
        raise ValueError("the starter CRM needs an API key; found an empty one")
    policy = _policy(frame_ancestors)
    app = Flask("crm_shell.starter_crm", static_url_path="/static")
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, TRUSTED_HOSTS=None if is_public else LOCAL_HOSTS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions[EXTENSION] = Crm(Database(folder), api_key, is_public)
    for views in (api_views, part_views, page_views):
        app.register_blueprint(views)
    show.register(app)
    app.register_error_handler(ApiError, _refuse)
    app.register_error_handler(HTTPException, _refuse_http)
    app.after_request(lambda response: _protect(response, policy))
    if faults:
        _add_faults(app)
    return app


def _add_faults(app: Flask) -> None:
    rules = Rules()
    app.register_blueprint(fault_views(rules))
    # Flask's own way to wrap the app; mypy takes it for overwriting a method.
    app.wsgi_app = middleware.Faults(app.wsgi_app, rules)  # type: ignore[method-assign]
    logging.getLogger(__name__).warning("The starter CRM takes fault rules at /faults: for tests only.")


def _policy(frame_ancestors: Sequence[str]) -> str:
    for origin in frame_ancestors:
        if not ORIGIN.fullmatch(origin):
            raise ValueError(f"frame ancestors: found {origin!r}; give an origin such as http://127.0.0.1:8000")
    return (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {' '.join([SELF, *frame_ancestors])}"
    )


def _protect(response: Response, policy: str) -> Response:
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    # Not "no-referrer": forms would then be sent with "Origin: null".
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _refuse(error: ApiError) -> Response:
    answer = refused(error)
    if not request.path.startswith(JSON_PATHS):
        answer.set_data(render_template("starter_crm/error.html", page={"error": error}))
        answer.content_type = "text/html; charset=utf-8"
    return answer


def _refuse_http(error: HTTPException) -> Response:
    if isinstance(error, InternalServerError):
        told: ApiError = _HttpError("internal", 500, "The CRM failed. Its log says why.")
    else:
        code = error.name.lower().replace(" ", "_")
        told = _HttpError(code, error.code or 500, error.description or error.name)
    answer = _refuse(told)
    if allowed := error.get_response().headers.get("Allow"):
        answer.headers["Allow"] = allowed
    return answer


class _HttpError(ApiError):
    """What Flask refused by itself, in our shape."""

    def __init__(self, code: str, http_status: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.http_status = http_status
