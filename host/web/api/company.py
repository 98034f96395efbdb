"""The platform API's `/agents`, `/menus` and `/settings/organization`: lists agents and queues."""

from collections.abc import Iterable

from host.queues import tree
from host.queues.tree import Queue
from host.reports.session_metadata.people import agent_info, menu_path
from host.users import directory
from host.users.directory import User
from host.web.api.answers import AgentAnswer, MenuAnswer, OrganizationAnswer
from host.web.api.operations import Answer, Asked, Nothing, Part
from host.web.current import services

part = Part("company")


@part.get("/agents", Nothing, list[AgentAnswer])
def agents(_asked: Asked[Nothing]) -> Answer:
    """List the agents by name."""
    with services().database.read() as connection:
        found = directory.all(connection, role="agent")
        members = tree.members(connection)
    return Answer([_agent(user, [menu_id for menu_id, ids in members.items() if user.id in ids]) for user in found])


@part.get("/menus", Nothing, list[MenuAnswer])
def menus(_asked: Asked[Nothing]) -> Answer:
    """List the queues, each parent before its children."""
    with services().database.read() as connection:
        queues = {queue.id: queue for queue in tree.all(connection)}
        members = tree.members(connection)
    return Answer([_menu(queue, queues, members.get(queue.id, [])) for queue in queues.values()])


@part.get("/settings/organization", Nothing, OrganizationAnswer)
def organization(_asked: Asked[Nothing]) -> Answer:
    """Show the organization: name, time zone, languages."""
    host = services()
    settings = host.settings.current()
    with host.database.read() as connection:
        languages = sorted({queue.lang for queue in tree.all(connection)})
    about = OrganizationAnswer(
        name=settings.product_name,
        time_zone=settings.time_zone,
        languages=languages,
        public_url=host.config.public_url,
    )
    return Answer(about)


def _agent(user: User, menu_ids: list[int]) -> AgentAnswer:
    return AgentAnswer(
        **agent_info(user).model_dump(),
        status=user.status,
        status_since=user.status_since,
        roles=sorted(user.roles),
        max_chats=user.max_chats,
        menu_ids=menu_ids,
    )


def _menu(queue: Queue, queues: dict[int, Queue], agent_ids: Iterable[int]) -> MenuAnswer:
    return MenuAnswer(
        id=queue.id,
        name=queue.name,
        parent_id=queue.parent_id,
        lang=queue.lang,
        menu_path=menu_path(queue, queues),
        agent_ids=list(agent_ids),
    )
