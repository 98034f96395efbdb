"""Load with faults: `patchbay simulate` on the real product loses nothing and doubles nothing."""

import json
from typing import Any

import pytest

from e2e.product import Product

FAULTS = {
    "duplicate": 0.1,
    "reorder": 0.1,
    "delay": 0.1,
    "drop": 0.03,
    "closed_tabs": 0.15,
    "slow_crm": 0.1,
    "crm_500_after_commit": 0.1,
}
RIGHT = {"stuck_sessions": [], "stuck_agents": [], "seq_gaps": [], "problems": [], "ok": True}


def simulated(product: Product, *, agents: int, sessions: int, seed: int) -> dict[str, Any]:
    """Run a simulation, half of it calls; return its report."""
    counts = {"agents": agents, "calls": sessions // 2, "chats": sessions - sessions // 2, "seed": seed}
    options = [text for name, count in counts.items() for text in (f"--{name}", str(count))]
    faults = [text for name, share in FAULTS.items() for text in ("--fault", f"{name}={share}")]
    done = product.command("simulate", *options, *faults, "--json", may_fail=True)
    assert done.returncode in (0, 1), done.stderr[-2000:]
    report: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode == 0) == report["ok"]
    return report


def wrong(report: dict[str, Any]) -> dict[str, Any]:
    """Return what is not as it should be."""
    counts = {**report["events"], **report["crm"]}
    miscounted = {name: count for name, count in counts.items() if count["lost"] or count["doubled"]}
    return miscounted | {name: report[name] for name, right in RIGHT.items() if report[name] != right}


@pytest.mark.timeout(600)
def test_thirty_sessions_with_faults(product: Product) -> None:
    report = simulated(product, agents=6, sessions=30, seed=103646)

    assert wrong(report) == {}
    assert sum(report["sessions"].values()) == 30
    assert {name for name, fault in report["faults"].items() if fault["struck"]} >= {"duplicate", "delay", "drop"}


@pytest.mark.drill
@pytest.mark.timeout(1800)
def test_two_hundred_sessions_with_faults(product: Product) -> None:
    report = simulated(product, agents=20, sessions=200, seed=7)
    print(json.dumps({name: value for name, value in report.items() if name != "problems"}, indent=1))

    assert wrong(report) == {}
    assert sum(report["sessions"].values()) == 200
