"""The page "Your sign-ins": lists a user's sign-ins and ends them."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, session
from flask.typing import ResponseReturnValue

from host.errors import NotFoundError
from host.sessions import presence
from host.users import sign_ins, status
from host.users.sign_ins import SignIn
from host.web.current import services
from host.web.security.access import TOKEN, idle_after, require
from host.web.sign_in import places
from host.web.sign_in.places import Place
from host.web.sign_in.sign_in import wake_sockets

PAGE = "/sign-ins"

blueprint = Blueprint("own_sign_ins", __name__)


@dataclass(frozen=True)
class SignInsPage:
    """The variables of the page's template."""

    product_name: str
    places: list[Place]
    sign_ins: list[SignIn]
    this_one: str
    """The hash of the current sign-in."""


@blueprint.get(PAGE)
def show() -> ResponseReturnValue:
    """List the user's own sign-ins."""
    user, now, idle = require(), services().clock.now(), idle_after()
    with services().database.read() as connection:
        found = sign_ins.of_user(connection, user.id, now, idle)
    name = services().settings.current().product_name
    page = SignInsPage(name, places.portal(user), found, sign_ins.hash_token(str(session[TOKEN])))
    return render_template("portal/sign_ins.html", page=page)


@blueprint.post(f"{PAGE}/<name>/end")
def end(name: str) -> ResponseReturnValue:
    """End one of the user's sign-ins; its sockets close, in all processes.

    Raises:
        NotFoundError: It has ended already, or belongs to another user.
    """
    user, now, idle = require(), services().clock.now(), idle_after()
    with services().database.write() as connection:
        found = [each for each in sign_ins.of_user(connection, user.id, now, idle) if each.name == name]
        if not found:
            raise NotFoundError("This sign-in has ended already.")
        sign_ins.end_one(connection, user.id, found[0].token_hash)
        wake_sockets(connection, user.id, now)
        if not sign_ins.has_any(connection, user.id, now, idle):
            presence.change_status(connection, user.id, status.OFFLINE, now)
    if found[0].token_hash == sign_ins.hash_token(str(session[TOKEN])):
        session.clear()
        return redirect("/", 303)
    return redirect(PAGE, 303)
