"""Where to go: local addresses that exist, and the place that fits a role."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from flask import current_app, request

from host.users.directory import User
from host.users.roles import Role


@dataclass(frozen=True)
class Place:
    """A page that anybody who is signed in may look at."""

    path: str
    name: str
    says: str


PLACES: tuple[tuple[Role, str], ...] = (
    ("agent", "/shell/"),
    ("supervisor", "/portal/dashboard"),
    ("supervisor", "/portal/deliveries"),
    ("admin", "/portal/settings/developer"),
)

PORTAL: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("/portal/deliveries", "Deliveries", ("admin", "supervisor")),
    ("/portal/settings/developer", "Developer Settings", ("admin",)),
)
"""Pages of the portal, and whose they are."""

OPEN = (
    Place("/shell/", "Shell", "both adapters beside the CRM, for agents"),
    Place("/consumer/", "Consumer page", "where people start a chat"),
    Place("/readyz", "Readiness", "database and worker"),
)

_LOCAL = re.compile(r"/(?!/)[!-\[\]-~]*")  # visible ASCII without the backslash, which browsers read as a slash


def exists(path: str) -> bool:
    """Tell whether a page of ours is there."""
    adapter = current_app.create_url_adapter(request)
    return adapter is not None and adapter.test(urlsplit(path).path, method="GET")


def local(text: str | None) -> str | None:
    """Return the address if it is one of our own pages; else None."""
    return text if text and _LOCAL.fullmatch(text) and exists(text) else None


def sign_in_url(back_to: str) -> str:
    """Return where to sign in, to come back afterwards."""
    return f"/?next={quote(back_to.removesuffix('?'), safe='/')}"


def of(user: User) -> str | None:
    """Return the place that fits the user's first role that has one."""
    return next((path for role, path in PLACES if role in user.roles and exists(path)), None)


def portal(user: User) -> list[Place]:
    """List the portal's pages that the user may see."""
    return [Place(path, name, "") for path, name, roles in PORTAL if not user.roles.isdisjoint(roles)]


def open_to_all() -> list[Place]:
    """List the pages that are there for everybody."""
    return [place for place in OPEN if exists(place.path)]
