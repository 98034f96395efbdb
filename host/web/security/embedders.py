"""Finds the origins that embed this page, for allow-lists that are too long for one header.

The first request of a frame has the embedding page in `Referer`. Later requests in the frame (the sign-in form, the
redirect after it) have our own, so a cookie keeps the embedder. Neither is trusted: origins that aren't on the
allow-list are ignored.
"""

from collections.abc import Collection, Sequence

from flask import Response, request

from host import hosts
from host.web.security import csp

COOKIE = "__Host-patchbay-embedders"
MOST = 4
"""Number of origins in the cookie: a shell in a portal in an intranet, for example."""
BETWEEN = "~"


def first(allowed: Sequence[str]) -> list[str]:
    """Return the allowed origins; those that embed us in this browser come first."""
    return list(dict.fromkeys([*_known(allowed), *allowed]))


def remember(response: Response, allowed: Sequence[str]) -> None:
    """Set the cookie with the embedding origins, if the allow-list doesn't fit into a header."""
    known = BETWEEN.join(_known(allowed))
    if known and not csp.fit(allowed) and known != request.cookies.get(COOKIE):
        response.set_cookie(COOKIE, known, secure=True, httponly=True, samesite="None", partitioned=True)


def _known(allowed: Collection[str]) -> list[str]:
    told = [_origin(request.headers.get("Referer", "")), *request.cookies.get(COOKIE, "").split(BETWEEN)]
    return [origin for origin in dict.fromkeys(told) if origin in allowed][:MOST]


def _origin(url: str) -> str:
    try:
        return hosts.origin_of(url)
    except ValueError:
        return ""
