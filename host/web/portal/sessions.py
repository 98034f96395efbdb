"""The portal's routes for a session; so far its trace, as JSON."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from host.crm.intents import trace, trace_report
from host.sessions import repository
from host.web.current import services
from host.web.security.access import role

blueprint = Blueprint("portal_sessions", __name__)


@blueprint.get("/portal/sessions/<int:session_id>/trace")
@role("admin", "supervisor")
def show_trace(session_id: int) -> ResponseReturnValue:
    """Return all requests to the CRM and decisions, oldest first: `{"session_id", "items": [...]}`."""
    with services().database.read() as connection:
        repository.get(connection, session_id)
        rows = trace.rows(connection, session_id)
    return jsonify(session_id=session_id, items=[trace_report.as_json(row) for row in rows])
