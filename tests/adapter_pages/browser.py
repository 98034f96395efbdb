"""Runs the real pages in a real Chromium, with a scripted server end of their sockets."""

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response
from playwright.sync_api import ConsoleMessage, Frame, Page, Playwright, WebSocketRoute, expect
from werkzeug.serving import make_server

import host.web
from adapter_pages.agent import fragments
from adapter_pages.agent import views as agent
from adapter_pages.agent.desk import Desk
from adapter_pages.consumer import views as consumer
from host.clock import Clock
from host.config import Config
from host.db.engine import Database
from host.orchestration.chat_files import ChatFiles
from host.rate_limiter import RateLimiter
from host.sessions.chats import Chats
from host.sessions.ratings import Ratings
from host.users import directory
from host.users.cached_throttle import CachedThrottle
from host.web import assets, embed_scripts
from host.web.errors import handlers
from host.web.security import cookies, csrf, headers
from host.web.sign_in import sign_in
from tests.serving import served

if TYPE_CHECKING:
    from tests.adapter_pages.conftest import FakeSettings, Office

SITE_POLICY = "default-src 'none'; script-src 'self' {host}; frame-src 'self' {host}; img-src data:"
CHAT = "/agent/?type=chat&from=custom"
PASSWORD = "correct horse"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@dataclass
class PageServices:
    """The parts of the host that the pages need."""

    config: Config
    database: Database
    clock: Clock
    chats: Chats
    settings: "FakeSettings"
    ratings: Ratings
    rate_limiter: RateLimiter = field(default_factory=RateLimiter)

    @cached_property
    def chat_files(self) -> ChatFiles:
        return ChatFiles(self.database, self.clock, self.config.data)

    @property
    def throttle(self) -> CachedThrottle:
        return CachedThrottle(self.database, self.clock)


@contextmanager
def serving() -> Iterator[Callable[[Flask], int]]:
    """Serve applications during the block: call the function with one to get its port."""
    with ExitStack() as servers:

        def start(app: Flask) -> int:
            server = make_server("127.0.0.1", 0, app, threaded=True)
            servers.enter_context(served(server))
            return server.server_port

        yield start


def services_of(office: "Office", folder: Path) -> PageServices:
    with office.database.write() as connection:
        directory.upsert(connection, "agent@example.com", password=PASSWORD)
    return PageServices(
        Config.from_env({}, data=folder), office.database, office.clock, office.chats, office.settings, office.ratings
    )


def pages_app(services: PageServices, *, with_assets: bool = True) -> Flask:
    app = Flask("pages", static_folder=None, root_path=str(Path(host.web.__file__).parent))
    app.secret_key = "test"
    app.extensions["patchbay"] = services
    if with_assets:
        assets.init_app(app)
    else:
        app.jinja_env.globals["asset"] = lambda name: f"/static/{name}"
    cookies.configure(app, services.config)
    csrf.init_app(app)
    handlers.init_app(app)
    headers.init_app(app, services.config)
    for blueprint in (sign_in.blueprint, embed_scripts.blueprint, agent.blueprint, consumer.blueprint):
        app.register_blueprint(blueprint)
    return app


def embedder_app(adapter_url: str) -> Flask:
    """Another company's page with the adapter in a frame; it lists received messages."""
    app = Flask("embedder", static_folder=None)

    @app.get("/")
    def page() -> Response:
        listen = "heard = []; addEventListener('message', e => heard.push([e.origin, e.data]))"
        frames = "".join(
            f'<iframe name="{name}" src="{adapter_url}/agent/?type={name}&from=custom" width="450"></iframe>'
            for name in ("call", "chat")
        )
        return Response(
            f"<!doctype html><title>CRM</title><link rel=icon href=data:,><script>{listen}</script>{frames}"
        )

    return app


def executable(playwright: Playwright) -> str:
    own = Path(playwright.chromium.executable_path)
    found = str(own) if own.exists() else shutil.which("chromium")
    assert found, "Chromium is missing; install Debian's package chromium"
    return found


class Script:
    """The server end of a page's sockets."""

    def __init__(self, page: Page, path: str) -> None:
        self.heard: list[dict[str, Any]] = []
        self.heard_at: list[float] = []
        """Times of the hellos."""
        self.answers = True
        self.cuts_at_once = False
        self.now: datetime | None = None
        """The server's clock; None: as here."""
        self.sockets: list[WebSocketRoute] = []
        page.route_web_socket(re.compile(rf"{path}$"), self._connected)

    def _connected(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        socket.on_message(self._message)

    def _message(self, text: str | bytes) -> None:
        message = json.loads(text)
        self.heard.append(message)
        if message["op"] == "hello":
            self.heard_at.append(time.monotonic())
            now = int((self.now.timestamp() if self.now else time.time()) * 1000)
            self.send(op="state", status="Available", active=None, seq=message.get("seq", 0), now=now)
            if self.cuts_at_once:
                self.cut()
        elif message["op"] == "act" and self.answers:
            self.send(op="done", id=message["id"])

    def send(self, **message: Any) -> None:
        self.sockets[-1].send(json.dumps(message))

    def cut(self) -> None:
        self.sockets[-1].close()

    def show(self, desk: Desk) -> None:
        panels = fragments.panels(desk)
        self.send(op="panels", ids=list(panels), html=panels)
        self.send(op="regions", html=fragments.regions(desk))
        for chat in desk.chats:
            for line in chat.lines:
                self.send(op="append", **fragments.append(chat.about.session_id, line)._asdict())

    def acts(self, name: str) -> list[dict[str, Any]]:
        return [message for message in self.heard if message["op"] == "act" and message["name"] == name]

    def ops(self, op: str) -> list[dict[str, Any]]:
        return [message for message in self.heard if message["op"] == op]


def wait_until(page: Page, holds: Callable[[], bool], what: str) -> None:
    """Let the page run until a condition holds, for at most 5 s."""
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"not within 5 s: {what}")


@dataclass
class Watch:
    """Problems in a page."""

    problems: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(message.text)


def sign_in_as_agent(page: Page | Frame) -> None:
    page.get_by_role("textbox", name="E-mail").fill("agent@example.com")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def connected(page: Page | Frame) -> None:
    expect(page.locator("body.is-connected")).to_be_attached()


@dataclass
class Site:
    """Another company's page: its own markup, under a strict policy."""

    host: str
    markup: str = ""
    url: str = ""

    def app(self) -> Flask:
        app = Flask("site", static_folder=None)

        @app.get("/")
        def page() -> Response:
            text = f"<!doctype html><title>Site</title><link rel=icon href=data:,>{self.markup}"
            return Response(text, headers={"Content-Security-Policy": SITE_POLICY.format(host=self.host)})

        @app.get("/empty")
        def empty() -> str:
            return "<!doctype html><title>Empty</title>"

        return app


def loaded(page: Page, name: str) -> Frame:
    wait_until(page, lambda: page.frame(name) is not None, f"the frame {name}")
    frame = page.frame(name)
    assert frame
    frame.wait_for_load_state()
    return frame
