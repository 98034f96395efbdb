import random
import subprocess
import sys
import time
from collections import Counter

import pytest
from sqlalchemy import func, select

from host.clock import SystemClock
from host.db.tables import intents
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.crm.world import World

FAULTS = ["commit_then_hang"] * 6 + ["hang_then_commit"] * 4 + ["503"] * 2 + ["reset_after_commit"] * 2 + [""] * 6


@pytest.mark.drill
@pytest.mark.timeout(900)
@pytest.mark.parametrize("count", [60, 1000])
def test_nothing_is_lost_or_doubled_with_workers_killed_at_random(crm: FaultyCrm, world: World, count: int) -> None:
    dice = random.Random(7)
    crm.honours_keys = False
    crm.always = lambda: dice.choice(FAULTS)
    world.clock = SystemClock()  # type: ignore[assignment]
    for number in range(count):
        world.session({"name": f"Caller {number}", "phone": f"+1222{number:07}"})
    command = [sys.executable, "-m", "tests.host.crm.drill_worker", world.database.url, str(crm.port)]
    workers = [subprocess.Popen(command) for _ in range(2)]
    kills = 0
    while open_intents(world):
        time.sleep(dice.uniform(0.5, 3))
        if kills < 20:
            at = dice.randrange(2)
            workers[at].kill()
            workers[at].wait()
            workers[at] = subprocess.Popen(command)
            kills += 1
    for worker in workers:
        worker.kill()
        worker.wait()
    accounts = Counter(row["phone"] for row in crm.rows["accounts"])
    records = Counter(row["account_id"] for row in crm.rows["records"])
    assert (len(accounts), len(records)) == (count, count)
    assert (max(accounts.values()), max(records.values())) == (1, 1)


def open_intents(world: World) -> int:
    with world.database.read() as connection:
        left = select(func.count()).where(intents.c.state != "done")
        return connection.execute(left).scalar_one()
