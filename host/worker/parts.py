"""What a process works with; `host.services.Services` has it."""

from typing import Protocol

from host.clock import Clock
from host.crm.steps.runner import CrmRunner
from host.db.engine import Database
from host.orchestration.agents import Agents
from host.sessions.outbox import Route


class Parts(Protocol):
    """The parts of the host that jobs use."""

    @property
    def database(self) -> Database:
        """Where the work is written down."""
        ...

    @property
    def clock(self) -> Clock:
        """The product's clock."""
        ...

    @property
    def process_id(self) -> str:
        """This process's name among all."""
        ...

    @property
    def runner(self) -> CrmRunner:
        """Does what is due in the CRM."""
        ...

    @property
    def agents(self) -> Agents:
        """Notices who is gone."""
        ...

    @property
    def route(self) -> Route:
        """Offers what waits."""
        ...
