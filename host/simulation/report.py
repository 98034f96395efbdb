"""The report of a simulation: JSON for machines, lines for people."""

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from host.simulation.ledger import Ledger
from host.simulation.model import Verdict

if TYPE_CHECKING:
    from host.simulation.simulation import Wanted

MOST_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything about one simulation."""

    wanted: "Wanted"
    agents: int
    verdict: Verdict
    ledger: Ledger
    struck: Counter[str]
    """How often each fault has struck."""
    statuses: Sequence[str]
    """The status of each session at the end."""
    cuts: int
    took_s: float

    @property
    def is_ok(self) -> bool:
        """Whether nothing was lost, doubled or stuck."""
        return self.verdict.is_ok

    def as_json(self) -> dict[str, Any]:
        """Return it for `--json`; see docs/simulate.md."""
        verdict, ledger = self.verdict, self.ledger
        return {
            "ok": self.is_ok,
            "seed": self.wanted.seed,
            "agents": self.agents,
            "calls": self.wanted.calls,
            "chats": self.wanted.chats,
            "duration_s": round(self.took_s, 1),
            "events": {name: asdict(count) for name, count in sorted(verdict.events.items())},
            "sessions": dict(Counter(self.statuses)),
            "stuck_sessions": verdict.stuck_sessions,
            "stuck_agents": verdict.stuck_agents,
            "seq_gaps": verdict.gaps,
            "crm": {name: asdict(count) for name, count in verdict.crm.items()},
            "faults": {
                name: {"share": share, "struck": self.struck[name]} for name, share in self.wanted.faults.items()
            },
            "connections_lost": self.cuts,
            "refused": dict(sorted(ledger.refused.items())),
            "helped": dict(Counter(log.helped for log in ledger.logs if log.helped)),
            "latencies_ms": {name: _latency(values) for name, values in sorted(ledger.latencies.items())},
            "problems": verdict.problems,
        }

    def lines(self) -> Iterator[str]:
        """Yield it for people."""
        found = self.as_json()
        yield f"{'ok' if self.is_ok else 'NOT OK'} after {found['duration_s']:g} s, seed {found['seed']}"
        yield f"sessions: {_pairs(found['sessions'])}"
        for name, count in {**found["events"], **found["crm"]}.items():
            yield f"{name:28} done {count['done']:6}  lost {count['lost']:4}  doubled {count['doubled']:4}"
        for name, figures in found["latencies_ms"].items():
            yield f"{name:28} median {figures['median']:8.0f} ms  p99 {figures['p99']:8.0f} ms"
        for name in ("refused", "helped"):
            if found[name]:
                yield f"{name}: {_pairs(found[name])}"
        faults = {name: each["struck"] for name, each in found["faults"].items()}
        yield f"faults: {_pairs(faults) or 'none'}; connections lost: {self.cuts}"
        wrong = [
            *(f"stuck session {id}" for id in found["stuck_sessions"]),
            *(f"stuck agent {each}" for each in found["stuck_agents"]),
            *found["seq_gaps"],
            *found["problems"],
        ]
        yield from wrong[:MOST_SHOWN]
        if len(wrong) > MOST_SHOWN:
            yield f"... and {len(wrong) - MOST_SHOWN} more; --json has all"


def _latency(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    p99 = ordered[-(-len(ordered) * 99 // 100) - 1]
    return {"median": round(statistics.median(ordered), 1), "p99": round(p99, 1), "count": len(ordered)}


def _pairs(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
