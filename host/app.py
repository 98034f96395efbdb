"""Build the Flask application: register all views, sockets and request hooks."""

import atexit
from collections.abc import Callable
from functools import partial

from flask import Flask, request
from flask_sock import Sock
from simple_websocket import Server

from adapter_pages.agent import views as agent
from adapter_pages.agent.socket import AgentSockets
from adapter_pages.consumer import socket
from adapter_pages.consumer import views as consumer
from crm_shell import views as shell
from host import services as wiring
from host.client_address import customer_of
from host.config import Config
from host.jobs.web_heartbeat import WebHeartbeat
from host.services import Services
from host.settings.secrets import Secrets
from host.web import assets, embed_scripts, inputs
from host.web.api import register as platform_api
from host.web.crm_api import views as crm_api
from host.web.current import EXTENSION
from host.web.errors import handlers
from host.web.monitoring import health, metrics
from host.web.openapi import views as openapi
from host.web.portal import deliveries, developer, file_deliveries, session_files, sessions, storage
from host.web.security import cookies, csp_reports, csrf, headers, own_hosts, session_key
from host.web.server.handshake_budget import handshake_budget
from host.web.sign_in import own_sign_ins, popup, sign_in
from host.web.sockets import handshake_log
from host.web.sockets.page_socket import OPTIONS, PageSocket, guarded
from host.web.sockets.unknown_pages import UnknownPages

MAX_REQUEST_BYTES = 1024 * 1024


def create_app(config: Config, services: Services | None = None) -> Flask:
    """Build the web application.

    Args:
        config: The configuration of this process.
        services: For tests: services that are built already; by default they are built and started here.
    """
    app = Flask("host.web", static_folder=None)
    own = services or _start_services(config)
    app.extensions[EXTENSION] = own
    app.config.update(
        SECRET_KEY=session_key.load(own.database, Secrets.of(config.secret_keys, config.data), own.clock),
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        SOCK_SERVER_OPTIONS=OPTIONS,
    )
    cookies.configure(app, config)
    own_hosts.init_app(app, config)
    for part in (inputs, assets, csrf, handlers):
        part.init_app(app)
    headers.init_app(app, config)
    for blueprint in (
        sign_in.blueprint,
        own_sign_ins.blueprint,
        popup.blueprint,
        embed_scripts.blueprint,
        csp_reports.blueprint,
        health.blueprint,
        metrics.blueprint,
        agent.blueprint,
        consumer.blueprint,
        shell.blueprint,
        developer.blueprint,
        deliveries.blueprint,
        file_deliveries.blueprint,
        session_files.blueprint,
        sessions.blueprint,
        storage.blueprint,
        crm_api.blueprint,
        openapi.blueprint,
    ):
        app.register_blueprint(blueprint)
    platform_api.init_app(app, config)
    _add_sockets(app, own)
    return app


def _start_services(config: Config) -> Services:
    built = wiring.build(config)
    heartbeat = WebHeartbeat(built.database, built.clock, built.process_id, built.hub.wake_all)
    heartbeat.start()
    built.bus.start()
    atexit.register(heartbeat.stop)
    return built


def _add_sockets(app: Flask, services: Services) -> None:
    sock = Sock(app)
    adapters, strangers = AgentSockets(services), UnknownPages()

    handshake_log.init_app(app, services)

    @sock.route("/agent/socket")  # type: ignore[untyped-decorator] # flask-sock has no types
    def agent_adapter(server: Server) -> None:
        serve(adapters.serve, server)

    @sock.route("/consumer/socket")  # type: ignore[untyped-decorator]
    def consumer_page(server: Server) -> None:
        serve(partial(socket.serve, services), server)

    def serve(work: Callable[[PageSocket], None], server: Server) -> None:
        customer = customer_of(request.remote_addr)

        def known(connection: PageSocket) -> None:
            connection.on_authenticated(partial(handshake_budget.give_back, customer))
            with strangers.until_first_message(connection, customer):
                work(connection)

        guarded(known, server)
