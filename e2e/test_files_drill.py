"""Web and worker are killed at random while the files and mails of finished chats go out: each arrives once, whole.

20 chats here, 200 in the drill.
"""

import json
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from e2e.product import Product
from e2e.waiting import eventually
from host import services as wiring
from host.config import Config
from host.crm.intents.intents import OPEN
from host.db.engine import advisory_lock
from host.db.tables import deliveries, intents, jobs, session_files
from host.events import tabs
from host.events.tabs import Tab
from host.services import Services
from host.sessions.chats import NewChat
from host.sessions.outbox import ROUTING
from host.users import directory, status
from tests.host.email_update.smtp_server import MailServer, running

QUEUE = "Developers / James"
WITHIN_S = 600.0


@contextmanager
def services_of(product: Product) -> Iterator[Services]:
    """The host's own services beside the running product, on the same data folder."""
    services = wiring.build(Config.from_env({}, data=product.folder))
    try:
        yield services
    finally:
        services.stop()


def finish_chats(services: Services, count: int) -> list[int]:
    """Let James answer, end and wrap up as many chats, as the adapter does."""
    with services.database.read() as connection:
        [james] = [user.id for user in directory.all(connection) if user.email == "agent@example.com"]
    made = []
    for number in range(count):
        arrive(services, james)
        session, _ = services.chats.start(
            NewChat(queue=QUEUE, name=f"Caller {number}", phone=f"+1222555{number:04}", email=f"c{number}@example.com")
        )
        services.actions.offers.answer(session.id, james)
        services.chats.end(session.id, by="agent", agent_id=james)
        services.actions.wrap_ups.finish(session.id, james, "Solved", "")
        made.append(session.id)
    return made


def arrive(services: Services, agent_id: int) -> None:
    """Open an adapter, and be available."""
    with services.database.write() as connection:
        advisory_lock(connection, ROUTING)
        now = services.clock.now()
        tabs.open_tabs(connection, {Tab("drill-chat", agent_id, "chat", "tab-drill1"): now}, "drill", now)
        status.set_status(connection, agent_id, "Available", now)


def is_settled(services: Services, chats: list[int]) -> bool:
    """Tell whether everything has been made and has arrived."""
    with services.database.read() as connection:
        done = select(func.count()).select_from(deliveries).where(deliveries.c.state == "done")
        is_waiting = select(jobs.c.id).where(jobs.c.enqueued_at.is_(None) | jobs.c.failed_at.is_not(None)).limit(1)
        in_crm = select(intents.c.id).where(intents.c.state.in_((*OPEN, "failed", "waiting"))).limit(1)
        return (
            connection.execute(done).scalar_one() >= 3 * len(chats)
            and connection.execute(select(deliveries.c.id).where(deliveries.c.state != "done")).first() is None
            and connection.execute(is_waiting).first() is None
            and connection.execute(in_crm).first() is None
        )


def check_files(services: Services, product: Product, chats: list[int]) -> None:
    stored = {path.name: path for path in (product.folder / "files").rglob("*") if path.is_file()}
    assert sorted(stored) == sorted(f"chat-{chat}.{ending}" for chat in chats for ending in ("txt", "json"))
    for chat in chats:
        services.files.after_session.write_transcript(chat)
        services.files.after_session.write_metadata(chat)
    with services.database.read() as connection:
        for row in connection.execute(select(session_files)):
            assert sha256(stored[row.name].read_bytes()).hexdigest() == row.sha256, f"{row.name} is not what it was"
        assert connection.execute(select(func.count()).select_from(session_files)).scalar_one() == 2 * len(chats)


def check_mails(mails: MailServer, chats: list[int]) -> None:
    ids = Counter(str(mail["Message-ID"]) for mail in mails.mails)
    assert len(ids) == len(chats), "each chat has one Message-ID"
    print(f"{len(mails.mails)} mails with {len(ids)} Message-IDs")


def check_nothing_temporary_stays(services: Services, product: Product) -> None:
    for path in (product.folder / "content").glob("*"):
        make_old(path)
    services.files.keeping.clean_up()
    left = [path for folder in ("files", "content") for path in (product.folder / folder).rglob("*") if path.is_file()]
    assert [path for path in left if path.suffix in {".part", ".partial"} or path.parent.name == "content"] == []


def make_old(path: Path) -> None:
    """Let more than an hour pass for a file."""
    os.utime(path, (1000, 1000))


def settings_with(mails: MailServer, document: dict[str, Any]) -> None:
    document["after_session_delay_s"] = 1
    document["email_outcome"] = {"enabled": True, "address": "crm@example.com"}
    document["smtp"] = {"host": "127.0.0.1", "port": mails.port, "sender": "no-reply@example.com"}


@pytest.mark.parametrize(
    ("count", "kills"),
    [
        pytest.param(20, 10, marks=pytest.mark.slow),
        pytest.param(200, 40, marks=[pytest.mark.drill, pytest.mark.timeout(1200)]),
    ],
)
def test_files_and_mails_arrive_once_whatever_is_killed(tmp_path: Path, count: int, kills: int) -> None:
    product, dice = Product(tmp_path), random.Random(count)
    product.prepare()
    with running(MailServer()) as mails:
        product.change_settings(lambda document: settings_with(mails, document))
        product.crm.start()
        try:
            with services_of(product) as services:
                chats = finish_chats(services, count)  # no worker takes back an offer that no page has shown
                product.start()
                kill(product, dice, kills)
                begun = time.monotonic()
                eventually(lambda: is_settled(services, chats), within_s=WITHIN_S, what="everything has arrived")
                print(f"{count} chats, {kills} kills; all was there {time.monotonic() - begun:.0f} s after the last")
                product.stop()
                check_files(services, product, chats)
                check_mails(mails, chats)
                check_uploads(product, count)
                check_nothing_temporary_stays(services, product)
        finally:
            product.kill()
            product.crm.stop()


def kill(product: Product, dice: random.Random, kills: int) -> None:
    """Kill web or worker, in turn, after a random time in which it may have started."""
    for number in range(kills):
        time.sleep(dice.uniform(0.5, 3))
        part = product.kill_worker if number % 2 else product.kill_web
        eventually(lambda part=part: _is_killed(part), what="a process to kill")  # type: ignore[misc]


def _is_killed(part: Any) -> bool:
    part()  # an AssertionError while it isn't running counts as "not yet"
    return True


def check_uploads(product: Product, count: int) -> None:
    """The CRM has each file once, and one more of metadata that were written before the record was known."""
    for number in range(count):
        [account] = product.crm.accounts(f"+1222555{number:04}")
        [record] = product.crm.records(account["id"])
        names = Counter(_names(product.crm.comments(record["id"])))
        assert len(names) == 2, json.dumps(names)


def _names(comments: list[dict[str, Any]]) -> Iterator[str]:
    for comment in comments:
        lines = comment["body"].splitlines()
        if lines[0] == "File":
            yield lines[1]
