"""`python -m bench [NAME ...]`: run all benchmarks or some, print a table, write `results/latest.json`."""

import argparse
import json
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench import (
    adapter_ready,
    chat_to_pop,
    event_handled,
    event_pop,
    events_in,
    first_frame,
    jobs,
    listeners_ready,
    load,
    machine,
    sockets,
    world,
)
from bench.run import Row, table

RESULTS = Path(__file__).parent / "results" / "latest.json"
LONGEST_S = 600
"""The time limit of a row; one that takes longer hangs."""
LONGEST_FULL_S = 1800
"""The same of `ON_REQUEST`."""
VENDORS_ADAPTERS = {"event_handled", "event_pop"}
"""Rows that need adapters of another origin."""
ROWS = {
    "listeners_ready": listeners_ready.measure,
    "event_handled": event_handled.measure,
    "event_pop": event_pop.measure,
    "adapter_ready": adapter_ready.measure,
    "chat_to_pop": chat_to_pop.measure,
    "first_frame": first_frame.measure,
}
Measure = Callable[[Path], list[Row]]

ON_REQUEST: dict[str, Measure] = {"load_full": partial(load.measure, size=load.FULL)}
"""Long rows that are measured only when they are named."""
SERVER_ROWS: dict[str, Measure] = {
    "events_in": events_in.measure,
    "jobs": jobs.measure,
    "load": load.measure,
    "sockets": sockets.measure,
    **ON_REQUEST,
}
"""Rows without a browser; they get a folder and start their servers themselves."""
NAMES = [*ROWS, *SERVER_ROWS]


def main() -> int:
    """Measure, print and save; exit with 1 when a row misses its target."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the product beside its baselines.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of: {', '.join(NAMES)}; none is all but {', '.join(ON_REQUEST)}"
    )
    names = parser.parse_args().names or [name for name in NAMES if name not in ON_REQUEST]
    if unknown := [name for name in names if name not in NAMES]:
        parser.error(f"no row {', '.join(unknown)}; there are: {', '.join(NAMES)}")
    before, rows, failed = machine.load(), list[Row](), list[str]()
    for name in names:
        try:
            rows += _measured(name)
            _keep(rows, before)  # after each row, so that an interrupted run keeps its results
        except Exception:  # noqa: BLE001 - the outermost edge: one row that fails must not lose the others
            traceback.print_exc()
            failed.append(name)
    print(f"\n{table(rows)}\n\n{machine.line(before)}\n{RESULTS}")
    if failed:
        print(f"Not measured, see above: {', '.join(failed)}")
    return int(bool(failed) or any(row.verdict == "MISSED" for row in rows))


def _keep(rows: list[Row], before: float) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    found = [row.as_json() for row in rows]
    result = {**machine.describe(), "load_before": before, "load_after": machine.load(), "rows": found}
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


def _measured(name: str) -> list[Row]:
    started, limit_s = time.monotonic(), LONGEST_FULL_S if name in ON_REQUEST else LONGEST_S
    signal.signal(signal.SIGALRM, lambda *_: _hangs(name, limit_s))
    signal.alarm(limit_s)
    try:
        if name in SERVER_ROWS:
            with tempfile.TemporaryDirectory(prefix="patchbay-bench-") as folder:
                rows = SERVER_ROWS[name](Path(folder))
        else:
            with world.opened(vendors_adapters=name in VENDORS_ADAPTERS) as opened:
                rows = ROWS[name](opened)
    finally:
        signal.alarm(0)
    print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    return rows


def _hangs(name: str, limit_s: int) -> None:
    raise TimeoutError(f"{name} has not ended within {limit_s} s")


if __name__ == "__main__":
    sys.exit(main())
