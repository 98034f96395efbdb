"""`patchbay serve` and `patchbay init`: prepare the data folder, and run the processes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from crm_shell.starter_crm.keys import app_key
from host import data_folder
from host.clock import SystemClock
from host.commands import first_start
from host.commands.announcer import Announcer, Say
from host.commands.settings import import_text
from host.commands.supervisor import Supervisor, hold_folder, patchbay
from host.config import Config
from host.crm.auth.clients import Clients
from host.crm.auth.oauth_connection import CrmOAuth
from host.db import migrate
from host.db.connect import open_database
from host.db.engine import Database
from host.errors import ConfigError
from host.listening import listen
from host.orchestration.storage_access import StorageAccess
from host.settings.repository import SettingsRepository
from host.settings.secrets import Secrets


def serve(config: Config, settings: Path | None, *, demo: bool, say: Say) -> None:
    """Run web and worker, with the starter CRM in a demo, until SIGTERM or Ctrl-C."""
    with hold_folder(config.data):
        _check_ports(config, demo=demo)
        lines = prepare(config, demo=demo)
        if settings:
            with opened(config) as host:
                imported = import_text(host.settings, settings.read_text("utf-8"))
            lines += [f"Changed: {change}" for change in imported.changes]
            lines += [f"Warning: {warning}" for warning in imported.warnings]
        for line in lines:
            say(line)
        children = {"web": patchbay("web"), "worker": patchbay("worker")}
        if demo:
            children["crm"] = patchbay("crm")
        Supervisor(children, environment(config), say, Announcer(config, demo=demo, say=say)).run()
        say("Stopped.")


def _check_ports(config: Config, *, demo: bool) -> None:
    """Raise a clear error for a port in use; else the processes would restart for ever."""
    listen(config.bind, config.port).close()
    if not demo:
        return
    if config.crm_port == config.port:
        raise ConfigError(f"PATCHBAY_PORT and PATCHBAY_CRM_PORT: found {config.port} for both; each needs its own.")
    try:
        listen(config.bind, config.crm_port).close()
    except ConfigError as error:
        raise ConfigError(f"The starter CRM: {error} PATCHBAY_CRM_PORT sets its port.") from error


def prepare(config: Config, *, demo: bool) -> list[str]:
    """Migrate the database and set up a fresh host; return lines for the terminal."""
    with opened(config) as host:
        if demo:
            key = app_key(config.data / "starter-crm")
            imports = partial(host.settings.import_file, any_password=True)  # PATCHBAY_DEMO_PASSWORD is any text
            return first_start.add_demo(host.database, config, imports, key)
        return first_start.add_admin(host.database, config)


@dataclass(frozen=True)
class Opened:
    """The parts that commands use without a running host."""

    database: Database
    settings: SettingsRepository
    crm_oauth: CrmOAuth
    storage: StorageAccess


@contextmanager
def opened(config: Config) -> Iterator[Opened]:
    """Open the database, migrate it, and open its settings."""
    data_folder.make(config.data)
    database = open_database(config.database_url)
    try:
        migrate.upgrade(database)
        secrets, clock = Secrets.of(config.secret_keys, config.data), SystemClock()
        settings = SettingsRepository(database, secrets, clock)
        crm = lambda: settings.current().crm  # noqa: E731 - short
        oauth = CrmOAuth(database, secrets, clock, crm, clients=Clients(), public_url=config.public_url)
        storage = StorageAccess.of(database, secrets, clock, settings, config)
        yield Opened(database, settings, oauth, storage)
    finally:
        database.close()


def environment(config: Config) -> dict[str, str]:
    """Return an environment in which a child process reads the same configuration."""
    given = {"PATCHBAY_DATA": str(config.data), "PATCHBAY_PORT": str(config.port)}
    return {**os.environ, **given}
