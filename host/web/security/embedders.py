"""Who embeds this page, when more may than a header can name.

A frame's first request says in `Referer` which page it stands in. What follows inside the frame (the sign-in form, the
redirect after it) says only that it comes from us, so the browser keeps the embedder in a cookie. Neither needs to be
believed: what is not on the allow-list counts for nothing.
"""

from collections.abc import Collection, Sequence

from flask import Response, request

from host import hosts
from host.web.security import csp

COOKIE = "__Host-patchbay-embedders"
MOST = 4
"""Pages of one company in one browser: a shell in a portal in an intranet."""
BETWEEN = "~"


def first(allowed: Sequence[str]) -> list[str]:
    """Return the allowed origins, those that embed us in this browser before the others."""
    return list(dict.fromkeys([*_known(allowed), *allowed]))


def remember(response: Response, allowed: Sequence[str]) -> None:
    """Let the browser keep who embeds us, where one header can't name all that may."""
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
