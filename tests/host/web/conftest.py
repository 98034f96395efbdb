"""Fixtures: a small app with the web base on a new database, and made-up pages."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask, render_template_string, request
from flask.testing import FlaskClient

from host.config import Config
from host.db.engine import Database
from host.errors import NotFoundError
from host.settings.document.model import Settings
from host.users import directory
from host.users.roles import Role
from host.web.errors import handlers
from host.web.monitoring import health
from host.web.security import access, cookies, csrf, headers
from host.web.sign_in import own_sign_ins, popup, sign_in
from tests.clock import FrozenClock
from tests.databases import lay_tables

PASSWORD = "correct horse"


@dataclass
class FakeSettings:
    settings: Settings = field(default_factory=Settings)

    def current(self) -> Settings:
        return self.settings


@dataclass
class FakeServices:
    config: Config
    database: Database
    clock: FrozenClock = field(default_factory=FrozenClock)
    settings: FakeSettings = field(default_factory=FakeSettings)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[FakeServices]:
    config = Config.from_env({}, data=tmp_path)
    database = Database(f"sqlite:///{tmp_path / 'patchbay.db'}")
    lay_tables(database)
    yield FakeServices(config, database)
    database.close()


@pytest.fixture
def app(services: FakeServices) -> Flask:
    return build_app(services)


def build_app(services: FakeServices) -> Flask:
    import host.web

    app = Flask("host.web", root_path=str(Path(host.web.__file__).parent))
    app.secret_key = "test"
    app.extensions["patchbay"] = services
    app.jinja_env.globals["asset"] = lambda name: f"/static/{name}"
    cookies.configure(app, services.config)
    csrf.init_app(app)
    handlers.init_app(app)
    headers.init_app(app, services.config)
    app.register_blueprint(sign_in.blueprint)
    app.register_blueprint(popup.blueprint)
    app.register_blueprint(own_sign_ins.blueprint)
    app.register_blueprint(health.blueprint)
    _add_made_up_pages(app)
    return app


def _add_made_up_pages(app: Flask) -> None:
    @app.get("/shell/")
    def shell() -> str:
        access.require()
        return "shell"

    @app.get("/consumer/")
    @app.get("/agent/")
    def agent() -> str:
        return render_template_string('{% include "sign_in/_form.html" %}')

    @app.get("/portal/guarded")
    @access.role("admin", "supervisor")
    def guarded() -> str:
        return "guarded"

    @app.get("/api/broken")
    @app.get("/portal/broken")
    def broken() -> str:
        raise RuntimeError(f"the caller is {request.args.get('phone')}")

    @app.get("/portal/missing")
    def missing() -> str:
        raise NotFoundError("there is no session 103646")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


AddUser = Callable[..., directory.User]


@pytest.fixture
def add_user(services: FakeServices) -> AddUser:
    def add(email: str, *roles: Role) -> directory.User:
        with services.database.write() as connection:
            return directory.upsert(connection, email, name="James Bond", roles=list(roles), password=PASSWORD)

    return add


@pytest.fixture
def agent(add_user: AddUser) -> directory.User:
    return add_user("agent@example.com", "agent")
