"""A session in the portal: so far its trace, as JSON."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from host.crm import trace, trace_rows
from host.sessions import repository
from host.web.access import role
from host.web.services import services

blueprint = Blueprint("portal_sessions", __name__)


@blueprint.get("/portal/sessions/<int:session_id>/trace")
@role("admin", "supervisor")
def show_trace(session_id: int) -> ResponseReturnValue:
    """Return each call to the CRM and each decision, the oldest first: `{"session_id", "items": [...]}`."""
    with services().database.read() as connection:
        repository.get(connection, session_id)
        rows = trace.rows(connection, session_id)
    return jsonify(session_id=session_id, items=[trace_rows.as_json(row) for row in rows])
