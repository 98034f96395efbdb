"""The routes below `/agent/`: the call and the chat adapter, for frames in other pages."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from adapter_pages.agent import (
    address,
    call_fragments,
    page_commands,
    recent_calls,
    transfer_targets,
    visibility,
)
from adapter_pages.agent import fragments as desk_fragments
from adapter_pages.agent.address import Refused
from adapter_pages.agent.desk import AgentDesk, Desk
from adapter_pages.shared import files, fragments, messages
from adapter_pages.shared.page_end import page_end
from host import hosts
from host.crm.intents import trace
from host.queues import tree
from host.reports import failed_items
from host.sessions import access, repository
from host.users.directory import User
from host.web import inputs
from host.web.current import services
from host.web.security import csrf
from host.web.security.access import current_user, require
from host.web.security.csrf import token
from host.web.sign_in.sign_in import Form

SCRIPT = "js/adapter/main.js"
_OWN = (
    "calls",
    "crm_decisions",
    "dial",
    "focus",
    "keypad",
    "lookup",
    "page_commands",
    "parties",
    "poster",
    "press",
    "quick_replies",
    "shell_badge",
    "tab",
    "tabs",
    "why",
    "wrap_up",
)
_SHARED = (
    "attach",
    "composer",
    "connection_hints",
    "drafts",
    "earlier",
    "embedder",
    "fragments",
    "groups",
    "leaving",
    "new_messages",
    "notices",
    "page",
    "receipts",
    "regions",
    "sign_in_sync",
    "socket",
    "times",
    "typing",
)
MODULES = (*(f"js/adapter/{name}.js" for name in _OWN), *(f"js/shared/{name}.js" for name in _SHARED))
"""All modules that the script imports, also indirectly; the page preloads them."""

blueprint = Blueprint("agent", "adapter_pages", url_prefix="/agent", template_folder="templates")


@blueprint.get("/")
def adapter() -> ResponseReturnValue:
    """Show the adapter, or the sign-in form, or what is wrong with the address."""
    wanted = address.read(inputs.query(), services().settings.current().crm.type)
    if isinstance(wanted, Refused):
        page: dict[str, Any] = {"title": "No adapter here", "problems": wanted.problems, "examples": wanted.examples}
        return render_template("agent/refused.html", page=page), 400
    user = current_user()
    title = f"{wanted.adapter.capitalize()} adapter"
    if user is None:
        page = {"title": title, "adapter": wanted.adapter}
        return render_template("agent/sign_in.html", page=page, sign_in=Form(next=_here()))
    if "agent" not in user.roles:
        problem = f"{user.name} is signed in, but has no agent role. Sign in as an agent, or ask an admin for the role."
        page = {"title": "Not for this user", "problems": (problem,), "can_sign_out": True}
        return render_template("agent/refused.html", page=page), 403
    page = {"title": title, "address": _here(), "config": _config(wanted.adapter), "script": SCRIPT, "modules": MODULES}
    return render_template(
        "agent/desk.html", page=page, desk=_desk(user, wanted.adapter), file_types=fragments.FILE_TYPES
    )


@blueprint.get("/sessions/<int:session_id>/trace")
def why(session_id: int) -> ResponseReturnValue:
    """Return the trace of a session of the agent: requests to the CRM and decisions."""
    user = require("agent")
    with services().database.read() as connection:
        visibility.get(connection, session_id, user.id)
        return desk_fragments.trace(trace.rows(connection, session_id))


@blueprint.get("/sessions/<int:session_id>/messages")
def earlier(session_id: int) -> ResponseReturnValue:
    """Return the messages of the agent's chat before a given one: `?before=103646`."""
    user = require("agent")
    with services().database.read() as connection:
        session = visibility.get(connection, session_id, user.id)
        until = visibility.read_until(connection, session, user.id)
        caller = repository.end_user(connection, session.end_user_id).label
        found = messages.before(connection, session_id, caller, "agent", message_id=page_end())
        return fragments.page([line for line in found if until is None or line.at <= until])


@blueprint.get("/sessions/<int:session_id>/targets")
def targets(session_id: int) -> ResponseReturnValue:
    """Return whom the agent can transfer a session to, or add to a call: `{"agents": [...], "queues": [...]}`."""
    user, host = require("agent"), services()
    with host.database.read() as connection:
        session = visibility.get(connection, session_id, user.id)
        return asdict(transfer_targets.read(connection, session, user.id, host.clock.now()))


@blueprint.get("/calls/recent")
def recent() -> ResponseReturnValue:
    """Return the agent's last calls as HTML."""
    user = require("agent")
    with services().database.read() as connection:
        return call_fragments.recent(recent_calls.read(connection, user.id))


@blueprint.get("/sessions/<int:session_id>/quick-replies")
def quick_replies(session_id: int) -> ResponseReturnValue:
    """Return the quick replies of the queue of the agent's chat."""
    user = require("agent")
    with services().database.read() as connection:
        session = access.own(connection, session_id, user.id, "chat")
        queue = tree.by_id(connection, session.queue_id) if session.queue_id is not None else None
    return desk_fragments.quick_replies(session_id, queue.settings.quick_replies if queue else ())


@blueprint.post("/sessions/<int:session_id>/attachments")
def attach(session_id: int) -> ResponseReturnValue:
    """Send a file as the agent."""
    user = require("agent")
    return files.take(
        lambda client_id, stored: services().chats.say(session_id, user.id, stored.name, client_id, file=stored),
        session_id,
    )


csrf.protect.exempt(attach)  # `take` checks the header before the body is read


@blueprint.get("/attachments/<int:attachment_id>")
def attachment(attachment_id: int) -> ResponseReturnValue:
    """Return a file of one of the agent's chats."""
    user = require("agent")

    def is_mine(session_id: int) -> bool:
        with services().database.read() as connection:
            return access.has(connection, repository.get(connection, session_id), user.id)

    return files.serve(attachment_id, is_mine)


def _desk(user: User, adapter_name: str) -> Desk:
    host = services()
    with host.database.read() as connection:
        desk = AgentDesk.load(connection, user, adapter_name, host.clock.now(), host.settings.current())
    failed_items.note(host.database, desk.unshown, host.clock.now())
    return desk


def _config(adapter_name: str) -> dict[str, Any]:
    host = services()
    allowed = [host.config.public_url, *host.settings.current().embedding.allowed_origins]
    return {
        "adapter": adapter_name,
        "ticketUrl": "/agent/ticket",
        "socketUrl": "/agent/socket",
        "csrf": token(),
        "commands": page_commands.TYPES,
        "allowedOrigins": list(dict.fromkeys([hosts.origin_of(request.host_url), *allowed])),
    }


def _here() -> str:
    return request.full_path.removesuffix("?")
