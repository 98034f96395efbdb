"""What the benchmark of agents at work makes of its measurements."""

from collections import Counter

from bench import load
from bench.load import Memory, Size
from host.simulation.ledger import Ledger
from host.simulation.model import Count, Verdict
from host.simulation.report import Report
from host.simulation.simulation import Wanted


def report(verdict: Verdict) -> Report:
    ledger = Ledger()
    ledger.latencies |= {"session to offer": [100.0, 300.0], "command": [20.0]}
    wanted = Wanted(calls=1, chats=1, seed=1, over_s=60, faults={})
    return Report(
        wanted=wanted,
        agents=1,
        verdict=verdict,
        ledger=ledger,
        struck=Counter(),
        statuses=["finished", "finished"],
        cuts=0,
        took_s=60,
    )


def test_memory_is_flat_when_the_end_is_as_the_beginning_after_caches_are_filled() -> None:
    memory = Memory([], [50.0, 100.0, 101.0, 102.0, 103.0])

    row = memory.row("web")

    assert (row.product.values, row.baseline and row.baseline.values) == ([103.0], [100.0])
    assert row.verdict == "ok"


def test_memory_that_grows_misses_the_target() -> None:
    assert Memory([], [50.0, 100.0, 110.0, 115.0, 120.0]).row("web").verdict == "MISSED"


def test_what_is_lost_doubled_or_stuck_misses_the_target() -> None:
    verdict = Verdict(events={"New_Call": Count(done=3, lost=1)}, crm={"records": Count(done=1)}, stuck_sessions=[7])

    rows = {row.name: row.verdict for row in load.rows(report(verdict), Size(1, 1))}

    assert rows == {
        "load, lost of 2 sessions, 1 agents": "MISSED",
        "load, doubled of 2 sessions, 1 agents": "ok",
        "load, stuck sessions and agents": "MISSED",
        "load, session to offer": "ok",
        "load, command": "",
    }
