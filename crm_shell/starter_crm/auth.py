"""Checks the API key, and refuses pages of other sites."""

import hmac

from flask import request

from crm_shell.starter_crm.context import crm
from crm_shell.starter_crm.errors import ForeignError, UnsignedError

USER = "api"


def require_key() -> None:
    """Let a request pass that carries the API key, as ``X-Api-Key`` or as Basic password of user ``api``.

    Raises:
        UnsignedError: There is no key, or another one.
    """
    basic = request.authorization
    given = [request.headers.get("X-Api-Key", "")]
    if basic and basic.type == "basic" and basic.username == USER:
        given.append(basic.password or "")
    if not any(hmac.compare_digest(key.encode(), crm().api_key.encode()) for key in given):
        raise UnsignedError


def refuse_foreign_pages() -> None:
    """Refuse what a page of another site sends: a browser would add a remembered Basic password by itself.

    Raises:
        ForeignError: The browser says that another site's page sent it.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise ForeignError("A page of another site sent this request; only the CRM's own pages may.")
