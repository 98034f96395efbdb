"""Tests the external storage, and links a Google account ("Link & Save").

The page Developer Settings calls these addresses; a POST that links returns Google's address, where the page then
navigates at top level.

Source: docs/reference/files.md, Connection test; docs/reference/files.md, Google Cloud Storage.
"""

from flask import Blueprint, jsonify, redirect
from flask.typing import ResponseReturnValue

from host.crm.auth.oauth_states import Requester
from host.storage.gcs_link import CALLBACK
from host.storage.sftp_connection import fingerprint
from host.web.current import services
from host.web.portal.developer import PAGE
from host.web.portal.oauth_redirect import finish, sign_in_hash
from host.web.security.access import require, role

BASE = f"{PAGE}/storage"

blueprint = Blueprint("storage", __name__)


@blueprint.post(f"{BASE}/test")
@role("admin")
def test_connection() -> ResponseReturnValue:
    """Test the stored settings: `{"done": ["connect", ...], "failed": "write", "reason": "...", "host_key": "..."}`."""
    tested = services().storage.test()
    key = fingerprint(tested.host_key) if tested.host_key else ""
    return jsonify(done=tested.done, failed=tested.failed, reason=tested.reason, words=tested.words, host_key=key)


@blueprint.post(f"{BASE}/link")
def link() -> ResponseReturnValue:
    """Begin to link an account; answer with the address that the page has to open."""
    user = require("admin")
    return jsonify(url=services().storage.link.authorization_url(Requester(user.id, sign_in_hash())))


@blueprint.post(f"{BASE}/unlink")
@role("admin")
def unlink() -> ResponseReturnValue:
    """Forget the tokens."""
    services().storage.link.unlink()
    return redirect(PAGE, 303)


@blueprint.get(CALLBACK)
@role("admin")
def callback() -> ResponseReturnValue:
    """Handle the redirect from Google.

    Raises:
        RequestError: The answer is incomplete, or access was denied.
        NotAllowedError: This admin has begun no such link.
    """
    finish(
        services().storage.link,
        refused="Google did not grant access. Press Link & Save again, and allow it there.",
        no_code="The address lacks the code that Google sends back. Press Link & Save again.",
    )
    return redirect(PAGE, 303)
