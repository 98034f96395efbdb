"""`patchbay serve` with the baseline pages added, so that they have the same server and headers.

Run as `python -m bench.site` in the environment that `e2e.product.Product` makes; `python -m bench.site web` is the
web process that it starts.
"""

import os
import sys

from bench import baselines
from host import app, lifeline, logs
from host.commands import processes
from host.commands.serve import environment
from host.commands.supervisor import Supervisor, hold_folder, patchbay
from host.config import Config


def run(config: Config) -> None:
    """Run web and worker until SIGTERM."""
    with hold_folder(config.data):
        children = {"web": [sys.executable, "-m", "bench.site", "web"], "worker": patchbay("worker")}
        Supervisor(children, environment(config), print).run()


def web(config: Config) -> None:
    """Serve the web, baselines included, until SIGTERM."""
    lifeline.watch()
    logs.configure(config.log_level, "web")
    create = app.create_app
    app.create_app = lambda *given: baselines.added(create(*given))
    processes.web(config)


if __name__ == "__main__":
    (web if sys.argv[1:] == ["web"] else run)(Config.from_env(os.environ))
