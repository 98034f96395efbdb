"""The interface of the services that the worker uses; `host.services.Services` implements it."""

from typing import Protocol

from host.clock import Clock
from host.crm.steps.runner import CrmRunner
from host.db.engine import Database
from host.orchestration.agents import Agents
from host.orchestration.chat_files import ChatFiles
from host.orchestration.file_work import FileWork
from host.orchestration.session_actions import SessionActions
from host.sessions.inactivity import Inactivity


class Parts(Protocol):
    """The services that the worker uses."""

    @property
    def database(self) -> Database:
        """Holds the work."""
        ...

    @property
    def clock(self) -> Clock:
        """The product's clock."""
        ...

    @property
    def process_id(self) -> str:
        """The unique name of this process."""
        ...

    @property
    def runner(self) -> CrmRunner:
        """Runs steps in the CRM."""
        ...

    @property
    def agents(self) -> Agents:
        """Marks absent agents."""
        ...

    @property
    def inactivity(self) -> Inactivity:
        """Looks after quiet chats."""
        ...

    @property
    def actions(self) -> SessionActions:
        """Offers what waits, and ends what is overdue."""
        ...

    @property
    def files(self) -> FileWork:
        """Makes, keeps and delivers the files of sessions."""
        ...

    @property
    def chat_files(self) -> ChatFiles:
        """Keeps what people send in chats."""
        ...
