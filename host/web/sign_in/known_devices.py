"""Recognizes browsers in which a user has signed in before, by a signed cookie that gives no access.

Their wrong passwords are counted separately, so that guessing elsewhere doesn't slow them down.
"""

import secrets
from collections.abc import Mapping

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

COOKIE = "__Host-patchbay-device"
KEPT_FOR_S = 180 * 24 * 3600
MOST_USERS = 5
"""Of one browser; the user who signed in first is forgotten first."""


def known() -> Mapping[int, str]:
    """Return the device name by user id, for users who have signed in here before."""
    try:
        given = _serializer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return {}
    pairs = given if isinstance(given, list) else []
    return {pair[0]: pair[1] for pair in pairs}


def remember(user_id: int) -> None:
    """Set the cookie for a user in the answer to this request."""
    before = dict(known())
    name = before.pop(user_id, None) or secrets.token_urlsafe(16)
    pairs = [*before.items(), (user_id, name)][-MOST_USERS:]

    @after_this_request
    def keep(response: Response) -> Response:
        value = _serializer().dumps(pairs)
        assert isinstance(value, str)  # noqa: S101 - itsdangerous gives bytes to serializers of bytes only
        response.set_cookie(
            COOKIE,
            value,
            max_age=KEPT_FOR_S,
            secure=True,
            httponly=True,
            samesite="None",
            path="/",
            partitioned=True,
        )
        return response


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="patchbay-device")
