"""Sign-in by a pop-up window, for a frame on another company's page.

Such a frame has separate cookies, and single sign-on refuses frames. So the frame opens a window; the window gets a
one-time code and posts it to the frame, and the frame signs in with the code.
"""

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, jsonify, render_template, session
from flask.typing import ResponseReturnValue

from host.errors import NotSignedInError, RequestError
from host.users import directory, sign_ins, tickets
from host.users.directory import User
from host.web import inputs
from host.web.current import services
from host.web.security import csrf, origins
from host.web.security.access import TOKEN, current_user, require
from host.web.sign_in.sign_in import LED_TO, WINDOW, Form, begin, show

PURPOSE = "popup"
USED = "This code has been used, is older than 30 s, or was made for another frame. Sign in again."
BAD_NONCE = "nonce: must be 16 to 128 letters, digits, _ or -, made by the frame that opens this window"

_NONCE = re.compile(r"[A-Za-z0-9_-]{16,128}")

blueprint = Blueprint("popup", __name__)


@blueprint.get("/sign-in/popup")
def window() -> ResponseReturnValue:
    """Show the window: the form, or the signed-in user with a button to continue."""
    nonce = _nonce(inputs.query().get("nonce"))
    user = current_user()
    here = f"{WINDOW}?nonce={nonce}"
    if user is None:
        return show(Form(next=here))
    # A user who has just signed in here continues at once; one who was signed in before has to confirm.
    at_once = session.pop(LED_TO, None) == here
    config = {"nonce": nonce, "codeUrl": here, "csrf": csrf.token(), "atOnce": at_once}
    product = services().settings.current().product_name
    return render_template(
        "sign_in/popup.html", page={"product_name": product, "user": user, "config": config, "address": here}
    )


@blueprint.post("/sign-in/popup")
def issue() -> ResponseReturnValue:
    """Return a code for the frame that made the nonce, good once, for 30 s."""
    user = require()
    nonce = _nonce(inputs.query().get("nonce"))
    host = services()
    with host.database.write() as connection:
        sign_in = sign_ins.hash_token(str(session[TOKEN]))
        code = tickets.issue(connection, PURPOSE, host.clock.now(), user_id=user.id, bound_to=nonce, sign_in=sign_in)
    return jsonify(code=code)


@blueprint.post("/sign-in/code")
def redeem() -> ResponseReturnValue:
    """Sign in with a code, in the frame whose nonce it is bound to: `{"code": "...", "nonce": "..."}`."""
    if not origins.is_own(services()):
        csrf.protect.protect()
    code, nonce = _code_and_nonce(inputs.json_object('{"code": "...", "nonce": "..."}'))
    user = _user_of(code, nonce)
    if user is None:
        raise NotSignedInError(USED)
    begin(user)
    return jsonify(signed_in=True)


csrf.protect.exempt(redeem)  # it checks the Origin itself: a sibling frame may have made the token stale


def _user_of(code: str, nonce: str) -> User | None:
    host = services()
    with host.database.write() as connection:
        ticket = tickets.redeem(connection, code, PURPOSE, host.clock.now(), bound_to=nonce)
        if ticket is None or ticket.user_id is None or ticket.sign_in is None:
            return None
        # A code of a sign-in that has ended is not valid any more.
        if not sign_ins.lasting(connection, [ticket.sign_in], host.clock.now()):
            return None
        user = directory.by_id(connection, ticket.user_id)
    return user if user and user.is_active else None


def _code_and_nonce(given: Mapping[str, Any]) -> tuple[str, str]:
    code = given.get("code")
    if not isinstance(code, str) or not code:
        raise RequestError("code: must be the text that the sign-in window posted")
    return code, _nonce(given.get("nonce"))


def _nonce(given: object) -> str:
    if not isinstance(given, str) or not _NONCE.fullmatch(given):
        raise RequestError(BAD_NONCE)
    return given
