"""Benchmark: agents at work for some minutes, two sessions a minute each: flat memory, nothing lost or doubled.

The sessions are those of `patchbay simulate`, half of them calls, without faults. The product uses PostgreSQL.
"""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.run import Row, Series, Target, at_most_times, median_at_most, p99_at_most
from bench.socket_servers import OneProcessProduct, memory_kb
from e2e.product import Product
from host.clock import SystemClock
from host.company import FILE as KEY_FILE
from host.db.engine import Database
from host.events import bus
from host.gate import strict
from host.sessions import presence
from host.simulation import people
from host.simulation.clients.browser import Browser
from host.simulation.clients.platform_api import PlatformApi
from host.simulation.report import Report
from host.simulation.simulation import Simulation, Wanted
from host.users import sign_ins, tickets
from tests.postgresql import private_server

SESSIONS_A_MINUTE = 2
HOURS = 12
SAMPLE_EVERY_S = 2.0
FLAT = 1.15
"""How much more memory the last part of the time may need than the first."""
OFFERS_WITHIN_MS = 2000


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    agents: int
    minutes: float

    @property
    def sessions(self) -> int:
        """The number of sessions."""
        return round(self.agents * SESSIONS_A_MINUTE * self.minutes)


SMALL = Size(60, 1)
FULL = Size(1000, 10)


class DatabaseBrowser:
    """An agent's browser that is signed in without a password, since a thousand of them would take minutes to check."""

    def __init__(self, url: str, agent_id: int, database: Database) -> None:
        self.url = url
        self._agent_id = agent_id
        self._database = database
        self._clock = SystemClock()
        with database.write() as connection:
            token = sign_ins.create(connection, agent_id, self._clock.now(), HOURS)
            presence.change_status(connection, agent_id, "Available", self._clock.now())
        self._sign_in = sign_ins.hash_token(token)

    async def ticket(self) -> str:
        return await asyncio.to_thread(self._ticket)

    async def leave(self) -> None:
        pass

    def _ticket(self) -> str:
        now = self._clock.now()
        with self._database.write() as connection:
            return tickets.issue(connection, "socket", now, user_id=self._agent_id, sign_in=self._sign_in)


@dataclass
class Memory:
    """The memory of some processes while the agents work, in MB."""

    pids: Sequence[int]
    samples: list[float] = field(default_factory=list)

    def sample(self) -> None:
        """Add a sample."""
        self.samples.append(sum(map(memory_kb, self.pids)) / 1024)

    def row(self, name: str) -> Row:
        """Compare the last fifth of the time with the second one; in the first, caches are filled."""
        fifth = max(1, len(self.samples) // 5)
        start, end = self.samples[fifth : 2 * fifth] or self.samples[:1], self.samples[-fifth:]
        return Row(
            f"load, memory of {name}", Series("end", end), Series("start", start), at_most_times(FLAT), unit="MB"
        )


def measure(folder: Path, size: Size = SMALL) -> list[Row]:
    """Let agents work, and compare."""
    with _product(folder) as product:
        memories = {"web": Memory(product.web_pids()), "worker": Memory(product.worker_pids())}
        database = Database(product._environ["DATABASE_URL"])
        try:
            report = _simulated(product, database, size, list(memories.values()))
        finally:
            database.close()
    for problem in report.verdict.problems[:10]:
        print(problem)
    return [*(memory.row(name) for name, memory in memories.items()), *rows(report, size)]


def rows(report: Report, size: Size) -> Iterator[Row]:
    """Yield what is lost, doubled and stuck, and how long things took."""
    counts = {**report.verdict.events, **report.verdict.crm}.values()
    words = f"{size.sessions} sessions, {size.agents} agents"
    for name in ("lost", "doubled"):
        found = Series("patchbay", [float(sum(getattr(count, name) for count in counts))])
        yield Row(f"load, {name} of {words}", found, target=median_at_most(0), unit="")
    stuck = len(report.verdict.stuck_sessions) + len(report.verdict.stuck_agents)
    yield Row("load, stuck sessions and agents", Series("patchbay", [float(stuck)]), target=median_at_most(0), unit="")
    targets: dict[str, Target | None] = {"session to offer": p99_at_most(OFFERS_WITHIN_MS), "command": None}
    for name, target in targets.items():
        yield Row(f"load, {name}", Series("patchbay", report.ledger.latencies[name]), target=target)


def _simulated(product: Product, database: Database, size: Size, memories: Sequence[Memory]) -> Report:
    following = bus.follow(database, lambda *_: None)
    following.start()
    try:
        ids = people.add(database, size.agents, None)
        browsers: dict[int, Browser] = {id: DatabaseBrowser(product.url, id, database) for id in ids}
        key = strict.read((product.folder / KEY_FILE).read_text("utf-8"))
        calls = size.sessions // 2
        wanted = Wanted(calls=calls, chats=size.sessions - calls, seed=1, over_s=size.minutes * 60, faults={})
        with _sampled(memories):
            simulation = Simulation(wanted, PlatformApi(product.url, key["key"], key["secret"]), browsers, None, print)
            return asyncio.run(simulation.run())
    finally:
        following.stop()


@contextmanager
def _sampled(memories: Sequence[Memory]) -> Iterator[None]:
    is_done = threading.Event()

    def run() -> None:
        while not is_done.wait(SAMPLE_EVERY_S):
            for memory in memories:
                memory.sample()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        is_done.set()
        thread.join()


@contextmanager
def _product(folder: Path) -> Iterator[Product]:
    with ExitStack() as stack:
        cluster = stack.enter_context(private_server(keeps=True))
        product = OneProcessProduct(folder / "data", cluster.empty("patchbay"))
        product.folder.mkdir()
        product.prepare()
        product.crm.start()
        stack.callback(product.crm.stop)
        product.start()
        stack.callback(product.kill)
        yield product
