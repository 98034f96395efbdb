"""What runs of the CRM's steps leave behind."""

from collections.abc import Callable

from sqlalchemy import select

from host.crm.agent_view import status
from host.crm.intents import trace
from host.crm.settings.crm import CrmSettings
from host.crm.steps.runner import CrmRunner
from host.db.tables import journal
from tests.host.crm.world import World

Run = Callable[[CrmSettings], CrmRunner]


def facts(world: World, session_id: int) -> list[str]:
    with world.database.read() as connection:
        rows = connection.execute(
            select(journal.c.name).where(journal.c.session_id == session_id).order_by(journal.c.id)
        )
        return [name for name in rows.scalars() if name != "queued"]


def shown(world: World, session_id: int, settings: CrmSettings) -> status.CrmStatus:
    with world.database.read() as connection:
        return status.of_session(connection, session_id, settings=settings, now=world.now)


def decisions(world: World, session_id: int) -> list[str]:
    with world.database.read() as connection:
        return [row.decision for row in trace.rows(connection, session_id)]
