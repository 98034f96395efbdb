"""The routes for sign-in and sign-out, as a page of our own or in a frame."""

from dataclasses import dataclass, field
from datetime import datetime

from flask import Blueprint, g, jsonify, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy import Connection

from host.errors import TooManyError
from host.events import journal
from host.sessions import presence
from host.users import sign_ins, status, tickets
from host.users.authenticate import SignInClient, authenticate
from host.users.directory import User
from host.web import inputs
from host.web.current import services
from host.web.security import origins
from host.web.security.access import TOKEN, current_user, idle_after, require
from host.web.security.csrf import protect
from host.web.sign_in import browser_names, known_devices, places

__all__ = ["begin", "blueprint", "current_user", "require", "show"]

WINDOW = "/sign-in/popup"
LED_TO = "led_to"
"""Key in the signed cookie: the sign-in window to which a user is redirected after they have typed their password."""

blueprint = Blueprint("sign_in", __name__)

STALE = "The page was out of date, so nobody was signed in. Try again now."
WRONG = "That e-mail and password don't go together. Check both and try again."


@dataclass(frozen=True)
class Form:
    """The variables of the form's template."""

    next: str
    """Where to go afterwards; empty for the start page of the role."""
    email: str = ""
    problem: str = ""
    """A problem with the form as a whole."""
    fields: dict[str, str] = field(default_factory=dict)
    """Problems by field: `email`, `password`."""


@blueprint.get("/")
def start() -> ResponseReturnValue:
    """Show the sign-in form, or redirect a signed-in user."""
    user = current_user()
    wanted = places.local(inputs.query().get("next"))
    if user is None:
        return show(Form(next=wanted or ""))
    if place := wanted or places.of(user):
        return redirect(place, 303)
    page = {"product_name": _product_name(), "user": user, "places": [*places.portal(user), *places.open_to_all()]}
    return render_template("sign_in/home.html", page=page)


@blueprint.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Handle the form; on failure show it again in the same kind of page, with the e-mail."""
    given = inputs.form()
    form = Form(next=places.local(given.get("next")) or "", email=given.get("email", "").strip())
    try:
        protect.protect()
    except CSRFError:
        # A sibling frame has signed in; its new session made this form's token stale.
        if current_user():
            return _lead_on(form)
        # If two frames load at once, only one's cookie stays; the Origin shows that the other's form is ours too.
        if not origins.is_own(services()):
            return show(form, 400, problem=STALE)
    password = given.get("password", "")
    if missing := _missing(form.email, password):
        return show(form, 422, fields=missing)
    try:
        user = _authenticate(form.email, password)
    except TooManyError as error:
        return show(form, error.http_status, problem=str(error), retry_after_s=error.retry_after_s)
    if user is None:
        return show(form, 401, problem=WRONG)
    begin(user)
    if form.next.startswith(WINDOW):
        session[LED_TO] = form.next
    return _lead_on(form)


def _authenticate(email: str, password: str) -> User | None:
    host = services()
    client = SignInClient(request.remote_addr or "", known_devices.known())
    at_once = host.settings.current().budgets.sign_ins_at_once
    return authenticate(host.database, email, password, client, host.clock.now(), at_once=at_once)


protect.exempt(sign_in)  # it checks the token itself, to answer with the form instead of an error page


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this sign-in."""
    return _end(everywhere=False)


@blueprint.post("/sign-out-everywhere")
def sign_out_everywhere() -> ResponseReturnValue:
    """End all sign-ins of the user, this one too."""
    return _end(everywhere=True)


@blueprint.post("/agent/ticket")
def ticket() -> ResponseReturnValue:
    """Return a ticket for the adapter's socket, good once, for 30 s."""
    user = require("agent")
    sign_in = sign_ins.hash_token(str(session[TOKEN]))
    with services().database.write() as connection:
        token = tickets.issue(connection, "socket", services().clock.now(), user_id=user.id, sign_in=sign_in)
    return jsonify(ticket=token)


def _missing(email: str, password: str) -> dict[str, str]:
    fields = {}
    if not email:
        fields["email"] = "Enter your e-mail."
    if not password:
        fields["password"] = "Enter your password."  # noqa: S105 - a sentence
    return fields


def begin(user: User) -> None:
    """Sign a user in, in this browser; the previous content of the cookie is dropped."""
    before = session.get(TOKEN)
    hours = services().settings.current().sign_in.session_hours
    now = services().clock.now()
    with services().database.write() as connection:
        if isinstance(before, str):
            _leave(connection, before, now)
        token = sign_ins.create(
            connection, user.id, now, hours, browser_names.name_of(request.headers.get("User-Agent", ""))
        )
        if user.status == status.OFFLINE and "agent" in user.roles:
            # An agent who signs in is available; signing out has set them Offline.
            presence.change_status(connection, user.id, status.AVAILABLE, now)
    session.clear()
    session[TOKEN] = token
    known_devices.remember(user.id)
    g.user = user


def _end(*, everywhere: bool) -> ResponseReturnValue:
    user, token, now = current_user(), session.get(TOKEN), services().clock.now()
    if user is not None:
        with services().database.write() as connection:
            if everywhere:
                sign_ins.end_all(connection, user.id)
                wake_sockets(connection, user.id, now)
            else:
                _leave(connection, str(token), now)
            if not sign_ins.has_any(connection, user.id, now, idle_after()):
                # No adapter is left that could answer offers.
                presence.change_status(connection, user.id, status.OFFLINE, now)
    session.clear()
    return redirect(places.local(inputs.form().get("next")) or "/", 303)


def _leave(connection: Connection, token: str, now: datetime) -> None:
    """End a sign-in; its sockets close, in all processes."""
    user_id = sign_ins.find_user_id(connection, token, now)
    sign_ins.end(connection, token)
    if user_id is not None:
        wake_sockets(connection, user_id, now)


def wake_sockets(connection: Connection, user_id: int, now: datetime) -> None:
    """Make the user's sockets check whether their sign-in is still valid."""
    journal.append(connection, "signed_out", now=now, agent_id=user_id)


def _lead_on(form: Form) -> ResponseReturnValue:
    return redirect(form.next or "/", 303)


def show(
    form: Form,
    http_status: int = 200,
    *,
    problem: str = "",
    fields: dict[str, str] | None = None,
    retry_after_s: int | None = None,
) -> ResponseReturnValue:
    """Show the form as a page, with its problems."""
    shown = Form(form.next, form.email, problem, fields or {})
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    page = {"product_name": _product_name()}
    return render_template("sign_in/sign_in.html", page=page, sign_in=shown), http_status, headers


def _product_name() -> str:
    return services().settings.current().product_name
