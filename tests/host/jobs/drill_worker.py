"""A real worker whose job after a session is three steps that only note that they ran.

`python drill_worker.py <data folder> <database address> <log file> <seconds of the middle step>`
"""

import os
import sys
import threading
import time
from pathlib import Path

from host import services
from host.config import Config
from host.jobs.engine import Step
from host.worker import worker

STEPS = ("first", "middle", "last")


def main(data: str, database_url: str, log: str, takes_s: float) -> None:
    config = Config.from_env({"PATCHBAY_DATA": data, "DATABASE_URL": database_url})
    built = services.build(config)
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def step(name: str, seconds: float) -> Step:
        def note(session_id: int) -> None:
            os.write(file, f"{session_id} {name} begun\n".encode())
            time.sleep(seconds)
            os.write(file, f"{session_id} {name} done\n".encode())

        note.__name__ = name
        return note

    steps = [step(name, takes_s if name == "middle" else 0.02) for name in STEPS]
    with worker.engine_for(built, {"crm": [], "after_session": steps}) as engine:
        Path(f"{log}.ready-{os.getpid()}").touch()
        worker.run(built, engine, threading.Event())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]))
