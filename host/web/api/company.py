"""The platform API's `/agents` and `/menus`: lists agents and queues."""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from host.queues import tree
from host.queues.tree import Queue
from host.reports.session_metadata.document import agent_info, menu_path
from host.users import directory
from host.users.directory import User
from host.web.api import responses
from host.web.current import services

part = Blueprint("company", __name__)


@part.get("/agents")
def agents() -> ResponseReturnValue:
    """List the agents by name."""
    with services().database.read() as connection:
        found = directory.all(connection, role="agent")
    return responses.as_json([_agent(user) for user in found])


@part.get("/menus")
def menus() -> ResponseReturnValue:
    """List the queues, each parent before its children."""
    with services().database.read() as connection:
        queues = {queue.id: queue for queue in tree.all(connection)}
    return responses.as_json([_menu(queue, queues) for queue in queues.values()])


def _agent(user: User) -> dict[str, Any]:
    return {**agent_info(user).model_dump(), "status": user.status, "roles": sorted(user.roles)}


def _menu(queue: Queue, queues: dict[int, Queue]) -> dict[str, Any]:
    about = {"id": queue.id, "name": queue.name, "parent_id": queue.parent_id, "lang": queue.lang}
    return {**about, "menu_path": menu_path(queue, queues)}
