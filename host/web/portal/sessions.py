"""The portal's routes for a session, as JSON: its trace; supervisors join, leave and reassign it."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from host.crm.intents import trace, trace_report
from host.sessions import repository
from host.sessions.transfers import Target
from host.web import inputs
from host.web.current import services
from host.web.security.access import require, role

blueprint = Blueprint("portal_sessions", __name__)


@blueprint.get("/portal/sessions/<int:session_id>/trace")
@role("admin", "supervisor")
def show_trace(session_id: int) -> ResponseReturnValue:
    """Return all requests to the CRM and decisions, oldest first: `{"session_id", "items": [...]}`."""
    with services().database.read() as connection:
        repository.get(connection, session_id)
        rows = trace.rows(connection, session_id)
    return jsonify(session_id=session_id, items=[trace_report.as_json(row) for row in rows])


@blueprint.post("/portal/sessions/<int:session_id>/join")
@role("supervisor")
def join(session_id: int) -> ResponseReturnValue:
    """Let the supervisor join a session that an agent has."""
    services().actions.supervision.join(session_id, require("supervisor").id)
    return jsonify(ok=True)


@blueprint.post("/portal/sessions/<int:session_id>/leave")
@role("supervisor")
def leave(session_id: int) -> ResponseReturnValue:
    """Let the supervisor leave the session again."""
    services().actions.supervision.leave(session_id, require("supervisor").id)
    return jsonify(ok=True)


@blueprint.post("/portal/sessions/<int:session_id>/reassign")
@role("supervisor")
def reassign(session_id: int) -> ResponseReturnValue:
    """Give the session to another agent or queue: `{"to": "agent" or "queue", "target": 3}`."""
    given = inputs.json_object('{"to": "agent", "target": 3}')
    session = services().actions.supervision.reassign(session_id, Target.read(given.get("to"), given.get("target")))
    return jsonify(ok=True, status=session.status)


@blueprint.post("/portal/agents/<int:agent_id>/status")
@role("supervisor")
def set_status(agent_id: int) -> ResponseReturnValue:
    """Set an agent's status: `{"status": "Available"}`."""
    given = inputs.json_object('{"status": "Available"}')
    services().agents.set_status(agent_id, given.get("status"))
    return jsonify(ok=True)
