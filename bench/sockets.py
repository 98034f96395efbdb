"""Benchmark: ten thousand adapter sockets in one web process: memory, an event for one, an event for all.

The product uses PostgreSQL. The baselines are Flask-SocketIO and Starlette, each with as many clients of the same kind.
The three servers hold their clients at the same time, and are measured alternately.
"""

import json
import random
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from bench import socket_servers as servers
from bench.run import Row, Series, Target, at_least, median_at_most, rounds
from bench.socket_servers import Server, memory_kb

SOCKETS = 10_000
SPARE_FILES = 500
"""File descriptors that a process needs for other things."""
ONE_AT_A_TIME = 400
TO_ALL = 5
MOST_KB = 45


@dataclass
class Crowd:
    """One server, and the process with its clients."""

    server: Server
    process: "subprocess.Popen[str]"
    size: int
    held: int = 0
    kb_each: float = 0.0
    one: list[float] = field(default_factory=list)
    """How long an event took to its client, in ms."""
    half: list[float] = field(default_factory=list)
    """How long it took until half of all clients had theirs, in ms."""
    most: list[float] = field(default_factory=list)
    """How long until 99 of 100 had it."""

    def come(self) -> None:
        """Connect all clients; measure the memory that the server needs for them."""
        before = memory_kb(self.server.pid)
        state = self._ask(connect=self.server.tokens(self.size))
        self.held = state["held"]
        self.kb_each = (memory_kb(self.server.pid) - before) / max(self.held, 1)
        if state["lost"]:
            print(f"{self.server.name} holds {self.held} sockets; lost: {state['lost']}", file=sys.stderr)

    def tell_one(self, client: int, event: int) -> None:
        """Measure an event for one client."""
        began = self.server.send(client, event)
        self.one += _after(began, self._arrived(event, 1))

    def tell_all(self, event: int) -> None:
        """Measure an event for every client."""
        began = self.server.send_all(event)
        took = sorted(_after(began, self._arrived(event, self.held)))
        self.half.append(statistics.median(took))
        self.most.append(Series("", took).p99)

    def _arrived(self, event: int, wanted: int) -> list[tuple[int, float]]:
        """Return the clients that got an event, and when.

        Raises:
            RuntimeError: A client didn't get it.
        """
        arrived: list[tuple[int, float]] = self._ask(**{"await": [event, wanted]})["arrived"]
        if len(arrived) != wanted:
            raise RuntimeError(f"{self.server.name}: {len(arrived)} of {wanted} clients got event {event}")
        return arrived

    def _ask(self, **command: Any) -> dict[str, Any]:
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError("the clients have no pipes")
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


def _after(began: float, arrived: Sequence[tuple[int, float]]) -> list[float]:
    return [(at - began) * 1000 for _, at in arrived]


def measure(folder: Path) -> list[Row]:
    """Hold the sockets of three servers and compare."""
    size = _as_many_as_fit()
    with ExitStack() as stack:
        started = (servers.patchbay(folder), servers.flask_socketio(), servers.starlette())
        crowds = [stack.enter_context(_crowd(stack.enter_context(server), size)) for server in started]
        for crowd in crowds:
            crowd.come()
        _tell(crowds)
    product, *others = crowds
    held = Series(product.server.name, [product.held])
    return [
        Row("sockets held by one process", held, target=at_least(SOCKETS), unit=""),
        *_compared("socket, memory", product, others, lambda crowd: [crowd.kb_each], median_at_most(MOST_KB), "kB"),
        *_compared(f"event to one of {size}", product, others, lambda crowd: crowd.one, P99_NO_WORSE),
        *_compared(f"event to each of {size}, half", product, others, lambda crowd: crowd.half),
        *_compared(f"event to each of {size}, 99 %", product, others, lambda crowd: crowd.most),
    ]


P99_NO_WORSE = Target(
    "p99 <= baseline's", lambda row: row.product.p99 / row.baseline.p99 if row.baseline else float("inf"), 1.0
)


def _tell(crowds: Sequence[Crowd]) -> None:
    events, chance = count(1), random.Random(7)
    for crowd in crowds:  # a warm-up: the first event opens connections and fills caches
        crowd.tell_one(0, next(events))
        crowd.one.clear()
    for _ in rounds(ONE_AT_A_TIME, least=200, within_s=40):
        for crowd in crowds:
            crowd.tell_one(chance.randrange(crowd.size), next(events))
    for _ in rounds(TO_ALL, least=3, within_s=30):
        for crowd in crowds:
            crowd.tell_all(next(events))


def _compared(
    name: str,
    product: Crowd,
    others: Sequence[Crowd],
    values: Callable[[Crowd], Sequence[float]],
    target: Target | None = None,
    unit: str = "ms",
) -> Iterator[Row]:
    """Yield a row for each baseline; the first one has the target."""
    for other in others:
        measured, baseline = Series(product.server.name, values(product)), Series(other.server.name, values(other))
        yield Row(name, measured, baseline, target if other is others[0] else None, unit)


@contextmanager
def _crowd(server: Server, size: int) -> Iterator[Crowd]:
    command = [sys.executable, "-m", "bench.socket_client", server.host, server.kind]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Crowd(server, process, size)
    finally:
        process.kill()
        process.communicate()


def _as_many_as_fit() -> int:
    """Raise the limit of open files; return how many sockets it allows, at most the planned number."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    fit = SOCKETS if most == resource.RLIM_INFINITY else min(SOCKETS, most - SPARE_FILES)
    if fit < SOCKETS:
        print(f"A process may open {most} files here (ulimit -Hn), so there are only {fit} sockets.", file=sys.stderr)
    return fit
