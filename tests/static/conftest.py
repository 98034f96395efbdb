"""Fixtures: the shell's page in a real Chromium with its own scripts and policy, and fake adapters and CRM."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask, Response, render_template, request
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request
from werkzeug.serving import make_server

import crm_shell
import host.web
from crm_shell.vendor_files import VendorFile, VendorFiles
from crm_shell.views import page_for
from host.settings.document.model import Settings
from host.web import assets
from host.web.security.csp import adapter_policy, shell_policy
from static import build
from tests.serving import served

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
BASE_TEMPLATES = Path(host.web.__file__).parent / "templates"
SHELL_TEMPLATES = Path(crm_shell.__file__).parent / "templates"

EARLY = """
const early = Number(document.currentScript.dataset.early);
for (let number = 0; number < early; number += 1) {
  const data = { chat_id: number, session_type: "Messaging (Web)", agent_id: 7, agent_email: "agent@example.com" };
  const meta = { id: `early-${number}`, seq: number };
  parent.postMessage(JSON.stringify({ type: "New_Chat", data, meta }), location.origin);
}
"""


BUSY = """<!doctype html><title>busy</title>
<a href="/elsewhere" target="_top">Leave</a>
<button onclick="top.location = '/elsewhere'">Take over</button>
<button onclick="document.title = `as ${origin}`">Work</button>
<button onclick="document.title = 'said ' + confirm('Sure?')">Ask</button>
<a href="/download">Export</a>
<a href="/window" target="_blank">Window</a>
<form action="/sent"><button>Send</button></form>
"""
"""A record's page that does everything that CRM pages do."""


@dataclass
class Place:
    """Addresses and behaviour of the fake product."""

    shell: str = ""
    crm: str = ""
    stranger: str = ""
    early: int = 0
    """Number of messages that are posted while the adapter's page loads."""
    refusal: str = ""
    """Why the CRM's pages can't be framed."""
    runtime: str = "micropython"
    sandbox_frames: bool = True
    display: str = ""
    """The address of the CRM's own page."""
    no_display: str = ""
    """Why it has none."""
    vendors: dict[str, str] = field(default_factory=dict)
    """Texts of the vendor's listener files by module."""

    def display_tab(self) -> dict[str, Any] | None:
        tab = {"label": "Starter CRM", "url": self.display or None, "reason": self.no_display}
        return tab if self.display or self.no_display else None

    def files(self) -> VendorFiles:
        files = tuple(VendorFile(module, text.encode()) for module, text in self.vendors.items())
        return VendorFiles(files, ())


@dataclass
class Watch:
    """Forbidden things that a page did."""

    hosts: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def on_request(self, made: Request) -> None:
        if made.url.startswith("http"):
            self.hosts.add(made.url.split("/")[2])

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(message.text)


def shell_app(place: Place) -> Flask:
    app = Flask("shell", static_folder=None, template_folder=str(BASE_TEMPLATES))
    app.jinja_env.globals["csrf_token"] = lambda: "token"
    assets.init_app(app)
    app.register_blueprint(_blueprint())
    crm_host = place.crm.removeprefix("http://")

    @app.get("/shell/")
    def shell() -> Response:
        crm_settings = {"page_hosts": [crm_host], "sandbox_frames": place.sandbox_frames}
        given = {"crm": crm_settings, "listeners": {"runtime": place.runtime}}
        page = page_for(
            "James Bond",
            Settings.model_validate(given),
            [],
            assets.assets(),
            vendors=place.files(),
            csrf_token="page-token",
            display=place.display_tab(),
        )
        answer = Response(render_template("shell/shell.html", page=page))
        stranger = place.stranger.removeprefix("http://")
        answer.headers["Content-Security-Policy"] = shell_policy((), (crm_host,), (stranger,), ())
        return answer

    @app.post("/shell/can-frame")
    def can_frame() -> dict[str, str]:
        return {"refusal": place.refusal}

    @app.get("/shell/listeners/<digest>/<module>.py")
    def vendor(digest: str, module: str) -> Response:
        return Response(place.vendors[module], mimetype="text/x-python")

    @app.get("/agent/")
    def adapter() -> Response:
        early = place.early if request.args["type"] == "chat" else 0
        text = (
            f'<!doctype html><title>adapter</title><script src="/early.js" data-early="{early}"></script><p>Adapter</p>'
        )
        return Response(text, headers={"Content-Security-Policy": adapter_policy(())})

    @app.get("/early.js")
    def early() -> Response:
        return Response(EARLY, mimetype="text/javascript")

    return app


def _blueprint() -> Blueprint:
    made = Blueprint("sign_in", __name__, template_folder=str(SHELL_TEMPLATES))
    made.post("/sign-out", endpoint="sign_out")(lambda: "")
    return made


def crm_app() -> Flask:
    app = Flask("crm", static_folder=None)

    @app.get("/busy")
    def busy() -> str:
        return BUSY

    @app.get("/download")
    def download() -> Response:
        return Response("id,name", headers={"Content-Disposition": "attachment; filename=all.csv"})

    @app.get("/<path:name>")
    def record(name: str) -> str:
        return f"<!doctype html><title>{name}</title><h1>{name}</h1><input aria-label='Note'>"

    return app


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Flask], int]]:
    with ExitStack() as servers:

        def start(app: Flask) -> int:
            server = make_server("127.0.0.1", 0, app, threaded=True)
            servers.enter_context(served(server))
            return server.server_port

        yield start


@pytest.fixture(scope="session")
def place(serve: Callable[[Flask], int]) -> Place:
    build.build(build.ROOT)
    crm = serve(crm_app())
    made = Place(crm=f"http://localhost:{crm}", stranger=f"http://localhost:{serve(crm_app())}")
    made.shell = f"http://127.0.0.1:{serve(shell_app(made))}"
    return made


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    own = Path(playwright.chromium.executable_path)
    found = str(own) if own.exists() else shutil.which("chromium")
    assert found, "Chromium is missing; install Debian's package chromium"
    browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def shell(chromium: Browser, place: Place, watch: Watch) -> Iterator[Page]:
    """A page that hasn't opened the shell yet; `watch` observes it."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.on("request", watch.on_request)
    page.on("console", watch.on_console)
    page.on("pageerror", lambda error: watch.problems.append(str(error)))
    place.early, place.refusal, place.runtime, place.vendors, place.sandbox_frames = 0, "", "micropython", {}, True
    place.display = place.no_display = ""
    yield page
    context.close()
