"""A host for stories of chats: sessions, outbox, runner, decisions, uploads, and a real CRM server."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from host.crm.agent_view import status
from host.crm.agent_view.status import CrmStatus
from host.crm.auth.clients import Clients
from host.crm.intents import intents, trace
from host.crm.intents.intents import Intent
from host.crm.intents.step_input import Upload
from host.crm.session_facts.snapshots import snapshot_of
from host.crm.settings.crm import CrmSettings
from host.crm.steps.runner import CrmRunner
from host.db.engine import Database
from host.db.tables import intents as intents_table
from host.db.tables import journal
from host.events.journal import by_id
from host.field_mapping.settings import FieldMapping
from host.files import session_files
from host.orchestration import event_text
from host.orchestration.after_session import Documents
from host.orchestration.crm_decisions import Decisions
from host.orchestration.crm_outbox import CrmOutbox
from host.orchestration.field_mappings import MappedFields
from host.orchestration.file_work import FileWork
from host.orchestration.session_actions import SessionActions
from host.queues import tree
from host.sessions import repository
from host.sessions.chats import NewChat
from host.settings.document.model import Settings
from host.storage.open_storage import open_storage
from host.storage.settings import ExternalStorage
from tests.host.world import World

JAMES = {"name": "James Bond", "phone": "+12223334444", "email": "james.bond@agents.co"}


class Story:
    """A host with one CRM."""

    def __init__(self, database: Database, settings: CrmSettings, folder: Path) -> None:
        self.crm = settings
        self.world = World(database)
        self.database, self.clock = database, self.world.clock
        self.storage = ExternalStorage()
        documents = Documents(
            transcript=lambda _connection, session_id: f"transcript {session_id}".encode(),
            metadata=self.metadata,
            wants_mail=lambda _connection, _session: False,
        )
        self.files = FileWork.build(
            database,
            self.clock,
            folder,
            self.settings,
            documents,
            url_of=partial(session_files.permanent_url, "https://patchbay.example"),
            delay=lambda: timedelta(minutes=15),
            send_mail=lambda _session_id: {},
            open_storage=lambda storage: open_storage(storage, folder),
        )
        self.outbox = CrmOutbox(self.clock, lambda: self.crm, lambda session_id: None, self.files.after_session)
        self.field_mappings: tuple[FieldMapping, ...] = ()
        self.runner = CrmRunner(
            database,
            lambda: self.crm,
            Clients(),
            self.clock,
            self.outbox.on_known,
            files=folder,
            custom_fields=MappedFields(self.settings, self.clock),
        )
        actions = SessionActions.build(database, self.clock, self.outbox)
        self.actions, self.chats, self.offers = actions, actions.chats, actions.offers
        self.decisions = Decisions(
            database, self.clock, lambda: self.crm, self.outbox.on_known, lambda session_id: None
        )
        self.folder = folder
        self.james = self.world.james
        self.world.arrive(self.james)

    def settings(self) -> Settings:
        current = {"crm": self.crm, "external_storage": self.storage, "field_mappings": self.field_mappings}
        return Settings().model_copy(update=current)

    def metadata(self, connection: Connection, session_id: int) -> bytes:
        session = repository.get(connection, session_id)
        return f"metadata {session_id} {session.updated_at}".encode()

    def start(self, person: dict[str, Any] | None = None, **more: Any) -> int:
        """Start a chat; nothing was sent to the CRM yet."""
        known = JAMES if person is None else person
        session, _ = self.chats.start(NewChat(queue="Developers / James", **known, **more))
        return session.id

    def run(self, session_id: int, *, for_s: float = 0) -> None:
        """Run the due steps, and those that become due in the next `for_s` seconds."""
        until = self.clock.now() + timedelta(seconds=for_s)
        self.runner.run_session(session_id)
        while self.clock.now() < until:
            self.clock.forward(timedelta(seconds=1))
            self.runner.run_session(session_id)

    def answered(self, person: dict[str, Any] | None = None, **more: Any) -> int:
        """Start a chat that James answers, and run all due steps."""
        session_id = self.start(person, **more)
        self.run(session_id)
        self.answer(session_id)
        return session_id

    def answer(self, session_id: int) -> None:
        self.offers.answer(session_id, self.james)
        self.run(session_id)

    def end(self, session_id: int) -> None:
        self.chats.end(session_id, by="agent", agent_id=self.james)
        self.run(session_id)

    def open_custom_url(self, url: str) -> None:
        """Set the queue's page for unknown callers."""
        with self.database.write() as connection:
            tree.upsert(connection, ("Developers", "James"), settings={"open_custom_url": url})

    def upload(self, session_id: int, name: str = "photo.png", content: bytes = b"\x89PNG") -> None:
        """Upload a photo, as the end of a session plans it."""
        (self.folder / name).write_bytes(content)
        with self.database.write() as connection:
            now = self.clock.now()
            snapshot = snapshot_of(repository.get(connection, session_id), "upload", now)
            about = Upload(snapshot, name, name, "image/png", "photos")
            intents.plan(connection, session_id, "upload", f"photos:{name}", now=now, input=about)
        self.run(session_id)

    def intent(self, session_id: int, step: str, occurrence: str = "") -> Intent:
        with self.database.read() as connection:
            found = intents.by_step(connection, session_id, step, occurrence)
        assert found
        return found

    def states(self, session_id: int) -> dict[str, str]:
        with self.database.read() as connection:
            found = intents.of_session(connection, session_id)
        return {f"{each.step}:{each.occurrence}".rstrip(":"): each.state for each in found}

    def ids(self, session_id: int) -> tuple[Any, Any]:
        with self.database.read() as connection:
            session = repository.get(connection, session_id)
        return session.account_id, session.record_id

    def card(self, session_id: int) -> CrmStatus:
        with self.database.read() as connection:
            return status.of_session(connection, session_id, settings=self.crm, now=self.clock.now())

    def decisions_of(self, session_id: int) -> str:
        with self.database.read() as connection:
            return "\n".join(f"{row.endpoint}: {row.decision}" for row in trace.rows(connection, session_id))

    def pops(self) -> list[dict[str, Any]]:
        """Return the messages that the adapters post."""
        query = select(journal.c.id).where(journal.c.name == event_text.POP).order_by(journal.c.seq)
        with self.database.read() as connection:
            entries = [by_id(connection, each) for each in connection.execute(query).scalars()]
            return [self._payload(connection, entry, self.clock.now()) for entry in entries]

    def dump(self) -> str:
        """Return all stored rows about work in the CRM, and all events."""
        with self.database.read() as connection:
            rows = [*connection.execute(select(intents_table)), *connection.execute(select(journal))]
        return repr(rows)

    def _payload(self, connection: Connection, entry: Any, now: datetime) -> dict[str, Any]:
        settings = Settings(crm=self.crm)
        return event_text._payload(connection, entry, settings, now) or {}


Tell = Callable[[CrmSettings], Story]


@contextmanager
def telling(database: Database) -> Iterator[Tell]:
    """Create stories, and close them."""
    stories: list[Story] = []
    with tempfile.TemporaryDirectory() as folder:

        def tell(settings: CrmSettings) -> Story:
            stories.append(Story(database, settings, Path(folder)))
            return stories[-1]

        yield tell
        for story in stories:
            story.runner.close()
