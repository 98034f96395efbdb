"""Sessions against a CRM that does wrong what it can, workers killed at random: nothing lost, nothing doubled."""

import random
import subprocess
import sys
import time
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from host.clock import SystemClock
from host.crm.settings.crm import CrmSettings
from host.db.tables import intents
from host.orchestration.crm_outbox import CrmOutbox
from host.sessions import repository
from tests.host.crm.crm_settings import updating
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.crm.world import World
from tests.host.nothing_remains import NothingRemains

FAULTS = ["commit_then_hang"] * 6 + ["hang_then_commit"] * 4 + ["503"] * 2 + ["reset_after_commit"] * 2 + [""] * 6
KILLS = 20


@pytest.mark.timeout(2400)
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.drill)], indirect=True)
@pytest.mark.parametrize(
    ("count", "comments_on", "updates_on"),
    [(30, ["end"], []), pytest.param(1000, ["start", "end"], ["end"], marks=pytest.mark.drill)],
)
def test_nothing_is_lost_or_doubled_with_workers_killed_at_random(
    crm: FaultyCrm, world: World, count: int, comments_on: list[str], updates_on: list[str]
) -> None:
    dice = random.Random(7)
    crm.honours_keys = False
    crm.always = lambda: dice.choice(FAULTS)
    begin(updating(crm, comment_on=comments_on, update_on=updates_on), world, count)
    started = time.monotonic()
    kills = work_until_done(world, crm, dice, within_s=200 + 2 * count)
    accounts = Counter(row["phone"] for row in crm.rows["accounts"])
    records = Counter(row["account_id"] for row in crm.rows["records"])
    comments = Counter((row["record"], row["body"].splitlines()[0]) for row in crm.rows["comments"])
    took_s = time.monotonic() - started
    made = f"{len(accounts)} accounts, {len(records)} records, {len(comments)} comments"
    print(f"{count} sessions, {kills} kills, {took_s:.0f} s, {len(crm.asked)} requests: {made}")
    assert {*accounts.values(), *records.values(), *comments.values()} == {1}
    assert unfinished(world) == []
    assert (len(accounts), len(records), len(comments)) == (count, count, count * len(comments_on))
    assert all(row.get("event") == "end" for row in crm.rows["records"] if updates_on)


def begin(settings: CrmSettings, world: World, count: int) -> None:
    """Start and end sessions of as many callers, all before anything is done."""
    world.clock = SystemClock()  # type: ignore[assignment]
    outbox = CrmOutbox(world.clock, lambda: settings, lambda session_id: None, NothingRemains())
    for number in range(count):
        session_id = world.session({"name": f"Caller {number}", "phone": f"+1222{number:07}"})
        with world.database.write() as connection:
            session = repository.get(connection, session_id)
            for event in ("start", "end"):
                outbox.on_event(connection, session, event)


def work_until_done(world: World, crm: FaultyCrm, dice: random.Random, *, within_s: float) -> int:
    """Let two workers run, and kill them now and then; return how often that was."""
    command = [sys.executable, "-m", "tests.stories.crm_drill_worker", world.database.url, str(crm.port)]
    workers = [subprocess.Popen(command) for _ in range(2)]
    until, kills = time.monotonic() + within_s, 0
    try:
        while unfinished(world) and time.monotonic() < until:
            time.sleep(dice.uniform(0.5, 3))
            if kills < KILLS:
                at = dice.randrange(2)
                workers[at].kill()
                workers[at].wait()
                workers[at] = subprocess.Popen(command)
                kills += 1
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    return kills


def unfinished(world: World) -> list[Any]:
    """List what isn't done, with its reason."""
    columns = (intents.c.session_id, intents.c.step, intents.c.occurrence, intents.c.state, intents.c.error)
    with world.database.read() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).where(intents.c.state != "done"))]
