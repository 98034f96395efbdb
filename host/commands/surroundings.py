"""What `patchbay doctor` checks around a host: the external storage, the CRM's address, the workers and the clock.

Source: docs/operations.md, Health.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, func, select

from host.commands.finding import Finding
from host.crm.auth.clients import policy_of
from host.crm.http.client import GuardedClient
from host.crm.settings.crm import CrmSettings
from host.db.engine import Database
from host.db.tables import heartbeats, journal
from host.errors import CrmError
from host.storage.connection_test import try_storage
from host.storage.gcs_tokens import TokenSource
from host.storage.settings import ExternalStorage

REACHED_WITHIN_S = 5
WORKER_SILENT_AFTER = timedelta(seconds=15)
CLOCKS_APART = timedelta(seconds=5)
ADVICE = {
    "connect": "look at the address, the network and the settings",
    "sign_in": "look at the credentials in the settings",
    "write": "look at the permissions and the space there",
}


def storage(settings: ExternalStorage, data: Path, linked: TokenSource) -> Iterator[Finding]:
    """Write, read, rename and delete a probe, if the storage is on; a host key is not stored by this."""
    if not settings.enabled:
        return
    what, tested = f"External storage ({settings.backend})", try_storage(settings, data, linked)
    if tested.is_fine:
        yield Finding(what)
    else:
        advice = ADVICE.get(tested.failed, "look at the permissions there")
        yield Finding(what, f"{tested.failed} failed: {tested.reason}; {advice}. Files wait for it.", is_wrong=True)


def crm(settings: CrmSettings) -> Iterator[Finding]:
    """Look whether the CRM's hosts answer; any answer will do, and no endpoint is called."""
    if settings.type == "none":
        return
    client = GuardedClient(policy_of(settings))
    try:
        for host in dict.fromkeys(settings.api_hosts()):
            yield _reached(client, host, is_plain=_is_plain(settings, host))
    finally:
        client.close()


def workers(database: Database) -> Iterator[Finding]:
    """Look when a worker was last alive."""
    query = select(func.max(heartbeats.c.alive_at)).where(heartbeats.c.kind == "worker")
    with database.read() as connection:
        alive_at = connection.execute(query).scalar_one_or_none()
    silent = datetime.now(UTC) - alive_at if alive_at else None
    if silent is not None and silent < WORKER_SILENT_AFTER:
        yield Finding("Worker")
    else:
        since = f"is silent for {int(silent.total_seconds())} s" if silent else "was never seen"
        yield Finding("Worker", f"it {since}; start `patchbay worker`, or look at its log.", is_wrong=True)


def clock(database: Database) -> Iterator[Finding]:
    """Compare this machine's clock with the database's, and with the newest fact that it holds."""
    with database.read() as connection:
        before = datetime.now(UTC)
        theirs = _time_of(connection, database)
        newest = connection.execute(select(journal.c.at).order_by(journal.c.id.desc()).limit(1)).scalar_one_or_none()
    off = max(before - theirs, theirs - before) if theirs else timedelta(0)
    if off > CLOCKS_APART:
        advice = f"it differs from the database's by {int(off.total_seconds())} s; let NTP set both."
    elif newest is not None and newest - before > CLOCKS_APART:
        ahead = int((newest - before).total_seconds())
        advice = f"the newest entry of the database is {ahead} s in the future: a clock was set back; let NTP set it."
    else:
        advice = ""
    yield Finding("Clock", advice, is_wrong=bool(advice))


def _reached(client: GuardedClient, host: str, *, is_plain: bool) -> Finding:
    what = f"CRM at {host}"
    try:
        scheme = "http" if is_plain else "https"
        client.send("crm", "HEAD", f"{scheme}://{host}/", timeout_s=REACHED_WITHIN_S, redirects=True)
    except CrmError as error:
        return Finding(what, f"{error.reason}; look at the address and the network.", is_wrong=True)
    return Finding(what)


def _is_plain(settings: CrmSettings, host: str) -> bool:
    named = (getattr(settings.endpoints, name) for name in type(settings.endpoints).model_fields)
    return any(endpoint.url.startswith(f"http://{host}") for endpoint in named if endpoint)


def _time_of(connection: Connection, database: Database) -> datetime | None:
    """Return the database's time; None for SQLite, which has this machine's."""
    if database.is_sqlite:
        return None
    found: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return found
