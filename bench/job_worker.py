"""A worker process for the benchmark of jobs: the product's, or one whose steps do nothing, as a baseline.

`python -m bench.job_worker <data folder> <database address> product|empty`; prints `ready` when it works.
"""

import sys
import threading
from pathlib import Path

from host import services
from host.config import Config
from host.worker import worker
from host.worker.job_steps import all_jobs


def main(data: str, database_url: str, work: str) -> None:
    """Work until it is killed."""
    parts = services.build(Config.from_env({"DATABASE_URL": database_url}, data=Path(data)))
    jobs = all_jobs(parts)
    if work == "empty":
        jobs = {name: [_nothing] * len(steps) for name, steps in jobs.items()}
    with worker.engine_for(parts, jobs) as engine:
        print("ready", flush=True)
        worker.run(parts, engine, threading.Event())


def _nothing(*_: int | str) -> None:
    pass


if __name__ == "__main__":
    main(*sys.argv[1:])
