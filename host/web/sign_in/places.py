"""Finds where to go after sign-in: checks local addresses, and knows the pages for each role."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from flask import current_app, request

from host.users.directory import User
from host.users.roles import Role


@dataclass(frozen=True)
class Place:
    """A page that a list of pages names."""

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
"""Pages of the portal: address, name, roles."""

OPEN = (
    Place("/shell/", "Shell", "both adapters beside the CRM, for agents"),
    Place("/consumer/", "Consumer page", "where people start a chat"),
    Place("/readyz", "Readiness", "database and worker"),
)

_LOCAL = re.compile(r"/(?!/)[!-\[\]-~]*")  # visible ASCII without the backslash, which browsers read as a slash


def exists(path: str) -> bool:
    """Tell whether this address is a page of ours."""
    adapter = current_app.create_url_adapter(request)
    return adapter is not None and adapter.test(urlsplit(path).path, method="GET")


def local(text: str | None) -> str | None:
    """Return the address if it is one of our own pages, else None."""
    return text if text and _LOCAL.fullmatch(text) and exists(text) else None


def sign_in_url(back_to: str) -> str:
    """Return the address of the sign-in page that leads back to an address."""
    return f"/?next={quote(back_to.removesuffix('?'), safe='/')}"


def of(user: User) -> str | None:
    """Return the start page of the user's first role that has one, or None."""
    return next((path for role, path in PLACES if role in user.roles and exists(path)), None)


def portal(user: User) -> list[Place]:
    """List the portal's pages that the user may see."""
    return [Place(path, name, "") for path, name, roles in PORTAL if not user.roles.isdisjoint(roles)]


def open_to_all() -> list[Place]:
    """List the pages that everybody may see."""
    return [place for place in OPEN if exists(place.path)]
