"""Form tokens: a form is accepted only from a page of this CRM, and only once.

No cookie is involved: browsers keep other sites' cookies from framed pages, where these forms are used most. A page of
another site can't read ours, so it can't know a token; one that is sent twice (a double click) does its work once.
"""

import hashlib
import secrets

from flask import request
from itsdangerous import BadData, URLSafeTimedSerializer

from crm_shell.starter_crm.context import crm
from crm_shell.starter_crm.errors import ForeignError

GOOD_FOR_S = 12 * 3600
FIELD = "form_token"


def new_token(path: str) -> str:
    """Return a token for one use of the form that posts to `path`."""
    return _serializer().dumps([path, secrets.token_urlsafe(12)])


def accepted_token() -> str:
    """Return what the token of the posted form makes unique.

    Raises:
        ForeignError: It isn't ours, is for another form, or has ended.
    """
    refusal = ForeignError("This form is too old or was not made by this page. Go back, reload the page, try again.")
    try:
        path, unique = _serializer().loads(request.form.get(FIELD, ""), max_age=GOOD_FOR_S)
    except (BadData, ValueError) as error:
        raise refusal from error
    if path != request.path:
        raise refusal
    return f"form:{unique}"


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        crm().api_key, salt="starter-crm-form", signer_kwargs={"digest_method": hashlib.sha256}
    )
