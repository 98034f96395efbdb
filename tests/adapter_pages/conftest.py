"""Fixtures: an agent with chats in a real database, and the adapter in a real browser; without a CRM."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Playwright
from sqlalchemy import Connection

from adapter_pages.agent.desk import AgentDesk, Desk
from host.db.engine import Database
from host.events import tabs
from host.events.tabs import Tab
from host.orchestration.session_actions import SessionActions
from host.queues import tree
from host.sessions.calls import NewCall
from host.sessions.chats import NewChat
from host.sessions.model import Session
from host.sessions.ratings import Ratings
from host.settings.document.model import Settings
from host.users import directory, status
from host.users.directory import User
from static import build
from tests.adapter_pages.browser import (
    CHAT,
    FLAGS,
    PageServices,
    Script,
    Site,
    Watch,
    connected,
    executable,
    pages_app,
    services_of,
    serving,
    sign_in_as_agent,
)
from tests.clock import FrozenClock
from tests.databases import lay_tables


class NoWork:
    """An outbox that does nothing."""

    def on_created(self, connection: Connection, session: Session) -> None: ...

    def on_offered(self, connection: Connection, session: Session) -> None: ...

    def on_connected(self, connection: Connection, session: Session, agent_id: int) -> None: ...

    def on_event(
        self,
        connection: Connection,
        session: Session,
        event: str,
        *,
        occurrence: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None: ...

    def on_ended(self, connection: Connection, session: Session) -> None: ...

    def start_now(self, session_id: int) -> None: ...


@dataclass
class FakeSettings:
    """Settings that a test replaces."""

    settings: Settings = field(default_factory=Settings)

    def current(self) -> Settings:
        return self.settings


@dataclass
class Office:
    """One agent, two queues, and a clock that stands still."""

    database: Database
    clock: FrozenClock = field(default_factory=FrozenClock)
    settings: FakeSettings = field(default_factory=FakeSettings)

    def __post_init__(self) -> None:
        lay_tables(self.database)
        self.actions = SessionActions.build(self.database, self.clock, NoWork())
        self.chats, self.offers = self.actions.chats, self.actions.offers
        self.ratings = Ratings(self.database, self.clock, NoWork())
        with self.database.write() as connection:
            agent = directory.upsert(connection, "agent@example.com", name="James Bond", roles=["agent"])
            self.agent_id = agent.id
            for path in (("Developers", "James"), ("Support", "Web")):
                tree.set_agents(connection, tree.upsert(connection, path).id, [agent.id])
            status.set_status(connection, agent.id, "Available", self.clock.now())
            self._open_adapters(connection, agent.id)

    def _open_adapters(self, connection: Connection, agent_id: int) -> None:
        now = self.clock.now()
        opened = {Tab(f"{agent_id}-{name}", agent_id, name, f"tab-of-{agent_id}"): now for name in ("call", "chat")}
        tabs.open_tabs(connection, opened, "process", now)

    def another_agent(self, email: str, name: str) -> int:
        """Add an agent who is available, and in no queue."""
        with self.database.write() as connection:
            added = directory.upsert(connection, email, name=name, roles=["agent"])
            status.set_status(connection, added.id, "Available", self.clock.now())
            self._open_adapters(connection, added.id)
        return added.id

    @property
    def agent(self) -> User:
        with self.database.read() as connection:
            found = directory.by_id(connection, self.agent_id)
        assert found is not None
        return found

    def start(self, name: str | None = "Ada Lovelace", **more: object) -> int:
        session, _ = self.chats.start(NewChat(**{"queue": "Developers / James", "name": name, **more}))  # type: ignore[arg-type]
        return session.id

    def answered(self, name: str = "Ada Lovelace", **more: object) -> int:
        session_id = self.start(name, **more)
        self.offers.answer(session_id, self.agent_id)
        self.later()
        return session_id

    def call(self, *, answered: bool = True, **more: object) -> int:
        """Start a call, which the agent answers."""
        given = {"queue": "Developers / James", "name": "Felix Leiter", "phone": "+12223334444", **more}
        session, _ = self.actions.calls.start(NewCall(**given))  # type: ignore[arg-type]
        if answered:
            self.offers.answer(session.id, self.agent_id)
            self.later()
        return session.id

    def write(self, session_id: int, text: str) -> None:
        self.chats.write(session_id, text, f"consumer-{text}")
        self.later()

    def say(self, session_id: int, text: str) -> None:
        self.chats.say(session_id, self.agent_id, text, f"agent-{text}")
        self.later()

    def focus(self, session_id: int) -> None:
        self.chats.focus(session_id, self.agent_id)
        self.later()

    def rename(self, name: str) -> None:
        with self.database.write() as connection:
            directory.upsert(connection, "agent@example.com", name=name)

    def later(self) -> None:
        self.clock.forward(timedelta(seconds=1))
        with self.database.write() as connection:
            tabs.keep_alive(connection, "process", self.clock.now())

    def desk(self, adapter: str = "chat", agent_id: int | None = None) -> Desk:
        with self.database.read() as connection:
            agent = directory.by_id(connection, agent_id or self.agent_id)
            assert agent is not None
            return AgentDesk.load(connection, agent, adapter, self.clock.now(), self.settings.current())


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    database = Database(f"sqlite:///{tmp_path / 'patchbay.db'}")
    yield Office(database)
    database.close()


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=executable(playwright), args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Flask], int]]:
    with serving() as start:
        yield start


@pytest.fixture
def services(office: Office, tmp_path: Path) -> PageServices:
    build.build(build.ROOT)
    return services_of(office, tmp_path)


@pytest.fixture
def url(services: PageServices, serve: Callable[[Flask], int]) -> str:
    return f"http://127.0.0.1:{serve(pages_app(services))}"


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    made = chromium.new_context(viewport={"width": 450, "height": 590})
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, watch: Watch) -> Page:
    made = context.new_page()
    watch.follow(made)
    return made


@pytest.fixture
def script(page: Page) -> Script:
    return Script(page, "/agent/socket")


@pytest.fixture
def adapter(page: Page, url: str, script: Script) -> Page:
    """The chat adapter, signed in and connected."""
    page.goto(url + CHAT)
    sign_in_as_agent(page)
    connected(page)
    return page


@pytest.fixture
def site(url: str, services: PageServices, serve: Callable[[Flask], int]) -> Site:
    made = Site(url)
    made.url = f"http://localhost:{serve(made.app())}"
    lists = {"allowed_origins": [made.url], "consumer_origins": [made.url]}
    services.settings.settings = Settings.model_validate({"embedding": lists})
    return made
