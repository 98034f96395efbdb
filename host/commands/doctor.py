"""`patchbay doctor`: check an installation, and say what to do about each problem."""

import sys
from collections.abc import Callable, Iterator

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from crm_shell import vendor_files
from host import data_folder
from host.clock import SystemClock
from host.commands import socket_check, surroundings
from host.commands.finding import Finding
from host.commands.settings import warnings_of
from host.config import Config
from host.crm.auth.clients import Clients
from host.crm.auth.oauth_connection import ConnectionState, CrmOAuth
from host.crm.session_facts import crm_identity
from host.db import migrate
from host.db.connect import open_database
from host.db.engine import Database
from host.deliveries import report as file_report
from host.email_update.mailer import Mailer
from host.errors import ConfigError, HostError, MailError
from host.listening import listen
from host.orchestration import deliveries, outcome_mail
from host.orchestration.storage_access import StorageAccess
from host.settings.document.model import Settings
from host.settings.repository import SettingsRepository
from host.settings.secrets import Secrets
from host.web.assets import Assets
from host.web.security.cookies import check_public_url
from host.webhooks import report

PYTHON_FLOOR = {(3, 11): 14, (3, 12): 12, (3, 13): 6}
"""The first releases in which tarfile neither loops for ever nor writes outside its folder; later series are fine."""

MAIL_TIMEOUT_S = 10.0


def examine(config: Config) -> list[Finding]:
    """Run all checks."""
    return [finding for check in CHECKS for finding in check(config)]


def _data_folder(config: Config) -> Iterator[Finding]:
    what = f"Data folder {config.data}"
    if not config.data.exists():
        yield Finding(what, "it isn't there yet; `patchbay init` makes it.", is_wrong=True)
    elif reason := data_folder.problem(config.data):
        yield Finding(what, reason, is_wrong=True)
    elif config.data.stat().st_mode & 0o077:
        yield Finding(what, f"other users can look into it; run `chmod 700 {config.data}`.")
    else:
        yield Finding(what)


def python(found: tuple[int, int, int]) -> Finding:
    """Check the interpreter's release; an older one of a distribution may have the fixes as well."""
    floor, version = PYTHON_FLOOR.get(found[:2], 0), ".".join(map(str, found))
    if found[2] >= floor:
        return Finding(f"Python {version}")
    return Finding(f"Python {version} ({found[0]}.{found[1]}.{floor} is the first with all security fixes of its own)")


def _python(_config: Config) -> Iterator[Finding]:
    yield python(sys.version_info[:3])


def _public_url(config: Config) -> Iterator[Finding]:
    yield Finding("Public URL", check_public_url(config) or "", is_wrong=check_public_url(config) is not None)


def _port(config: Config) -> Iterator[Finding]:
    what = f"Port {config.port}"
    try:
        listen(config.bind, config.port).close()
    except HostError as error:
        is_ours = socket_check.runs(config)
        yield Finding(f"{what} (Patchbay runs)") if is_ours else Finding(what, str(error))
        if is_ours:
            reason = socket_check.problem(config.public_url)
            yield Finding(f"WebSocket through {config.public_url}", reason, is_wrong=bool(reason))
    else:
        yield Finding(what)


def _assets(_config: Config) -> Iterator[Finding]:
    try:
        count = len(Assets().paths)
    except HostError as error:
        yield Finding("Browser assets", str(error), is_wrong=True)
    else:
        yield Finding(f"Browser assets ({count} files)")


def _database(config: Config) -> Iterator[Finding]:
    """Check the existing database; nothing is created."""
    if config.database_url.startswith("sqlite") and not (config.data / "patchbay.db").exists():
        yield Finding("Database", "there is none yet; `patchbay init` makes it.", is_wrong=True)
        return
    try:
        database = open_database(config.database_url)
    except ConfigError as error:
        yield Finding("Database", str(error), is_wrong=True)
        return
    try:
        if migrate.is_current(database):
            yield from _database_user(database)
            yield from _settings(config, database)
            yield from _deliveries(config, database)
            yield from surroundings.clock(database)
            if socket_check.runs(config):
                yield from surroundings.workers(database)
        else:
            yield Finding("Database", "its tables are of another version; `patchbay init` migrates.", is_wrong=True)
    except SQLAlchemyError as error:
        yield Finding("Database", f"it can't be reached ({type(error).__name__}); see DATABASE_URL.", is_wrong=True)
    finally:
        database.close()


def _database_user(database: Database) -> Iterator[Finding]:
    """Check that the user is no superuser: a superuser can run programs on the database's machine."""
    is_super = False
    if not database.is_sqlite:
        with database.read() as connection:
            is_super = bool(
                connection.execute(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).scalar()
            )
    yield Finding(
        "Database", "its user is a superuser; give the host one who only owns its database." if is_super else ""
    )


def _settings(config: Config, database: Database) -> Iterator[Finding]:
    try:
        secrets = Secrets.of(config.secret_keys, config.data)
        repository = SettingsRepository(database, secrets, SystemClock())
        warnings = warnings_of(repository)
        settings = repository.current()
    except HostError as error:
        yield Finding("Settings", str(error), is_wrong=True)
        return
    yield Finding("Settings")
    for warning in warnings:
        yield Finding("Settings", warning)
    for problem in vendor_files.read(config.data, settings.listeners.files).problems:
        yield Finding("Listener files", problem, is_wrong=True)
    crm = CrmOAuth(
        database, secrets, SystemClock(), lambda: settings.crm, clients=Clients(), public_url=config.public_url
    )
    yield from _crm_connection(crm, config)
    yield from surroundings.storage(
        settings.external_storage,
        config.data,
        StorageAccess.of(database, secrets, SystemClock(), repository, config).link,
    )
    yield from _mail_server(config, database, settings)
    if socket_check.runs(config):
        yield from surroundings.crm(settings.crm)


def _mail_server(config: Config, database: Database, settings: Settings) -> Iterator[Finding]:
    """Connect to the mail server and sign in, if any outcome is mailed; no mail is sent."""
    with database.read() as connection:
        if not outcome_mail.is_used(connection, settings):
            return
    what = f"Mail server {settings.smtp.host}:{settings.smtp.port}"
    try:
        Mailer(settings.smtp, outcome_mail.smtp_name(config.public_url), timeout_s=MAIL_TIMEOUT_S).check()
    except MailError as error:
        said = f" ({error.said})" if error.said else ""
        advice = f"{error}{said}; see `smtp` in the settings. Outcomes are mailed once it answers."
        yield Finding(what, advice, is_wrong=True)
    else:
        yield Finding(what)


def _crm_connection(crm: CrmOAuth, config: Config) -> Iterator[Finding]:
    """Check the stored tokens; the CRM gets no request."""
    what, connect = "CRM connection", f"press Connect at {config.public_url}/portal/settings/developer"
    match crm.state():
        case ConnectionState(status="connected"):
            yield Finding(what)
        case ConnectionState(status="not_connected", needs_person=True):
            yield Finding(what, f"OAuth is set, and nobody has connected it; {connect}.", is_wrong=True)
        case ConnectionState(status="needs_reconnect", reason=reason):
            yield Finding(what, f"it needs reconnecting ({reason}); {connect}.", is_wrong=True)
        case _:
            pass


def _deliveries(config: Config, database: Database) -> Iterator[Finding]:
    """List what waits for a person; steps that are repeated by themselves are no findings."""
    try:
        settings = SettingsRepository(database, Secrets.of(config.secret_keys, config.data), SystemClock()).current()
    except HostError:
        return  # reported by `_settings`
    with database.read() as connection:
        crm = crm_identity.current(connection, settings.crm)
        found = deliveries.report(connection, SystemClock().now(), crm)
        webhooks = [each for each in report.of_all(connection, settings.webhooks) if each.failed]
        files = file_report.report(connection)
    where = f"look at {config.public_url}/portal/deliveries"
    given_up = [each for each in found.deliveries if each.state != "retrying"]
    if not given_up and not found.jobs and not webhooks and not files.failed and not files.down:
        yield Finding("Deliveries")
    for each in given_up:
        step = f"{each.intent.step} {each.intent.occurrence}".strip()
        yield Finding(f"Delivery of session {each.intent.session_id}", f"{step}: {each.words} {where}.", is_wrong=True)
    for dead in found.jobs:
        yield Finding(f"Job {dead.job.key}", f"{dead.error}; {where}.", is_wrong=True)
    if files.failed:
        yield Finding("Files and mails", f"deliveries that have failed: {files.failed}; {where}.", is_wrong=True)
    for place in files.down:
        since = f"{place.since:%Y-%m-%d %H:%M} UTC"
        yield Finding(
            place.name.capitalize(), f"has failed since {since}, {place.waiting} wait; {where}.", is_wrong=True
        )
    for webhook in webhooks:
        what = f"Webhook {webhook.host or 'that the settings have no more'}"
        yield Finding(what, f"messages that have failed: {webhook.failed}; {where}.", is_wrong=True)


CHECKS: tuple[Callable[[Config], Iterator[Finding]], ...] = (
    _python,
    _data_folder,
    _public_url,
    _port,
    _assets,
    _database,
)
