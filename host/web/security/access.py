"""Finds the signed-in user and checks their roles."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import g, session

from host.errors import NotAllowedError, NotSignedInError
from host.users import directory, sign_ins
from host.users.directory import User
from host.users.roles import Role
from host.web.current import services

TOKEN = "token"  # noqa: S105 - the cookie's key, not a token
Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def current_user() -> User | None:
    """Return the signed-in user, or None; read once per request."""
    if "user" not in g:
        g.user = _find_user()
    return cast("User | None", g.user)


def require(*roles: Role) -> User:
    """Return the signed-in user, who must have one of the roles; without roles, any user will do.

    Raises:
        NotSignedInError: Nobody is signed in.
        NotAllowedError: The user has none of the roles.
    """
    user = current_user()
    if user is None:
        raise NotSignedInError
    if roles and user.roles.isdisjoint(roles):
        raise NotAllowedError(f"This is for {' or '.join(roles)} only; ask an admin for the role.")
    return user


def role(*roles: Role) -> Callable[[Callable[Arguments, Answer]], Callable[Arguments, Answer]]:
    """Restrict a view to users with one of the roles: `@role("agent")`."""

    def decorate(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
        @wraps(view)
        def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            require(*roles)
            return view(*args, **kwargs)

        return guarded

    return decorate


def _find_user() -> User | None:
    token = session.get(TOKEN)
    if not isinstance(token, str):
        return None
    host, now, idle = services(), services().clock.now(), idle_after()
    with host.database.read() as connection:
        user_id = sign_ins.find_user_id(connection, token, now, idle)
        user = directory.by_id(connection, user_id) if user_id is not None else None
        is_noted = user is None or sign_ins.is_used(connection, token, now)
    if not is_noted:
        with host.database.write() as connection:
            sign_ins.use(connection, [sign_ins.hash_token(token)], now)
    return user


def idle_after() -> timedelta:
    """Return after how long an unused sign-in ends."""
    return timedelta(minutes=services().settings.current().sign_in.idle_minutes)
