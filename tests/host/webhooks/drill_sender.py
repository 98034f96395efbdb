"""A real process that sends webhooks until it is killed: `python drill_sender.py <data folder> <database address>`."""

import sys
import threading
from datetime import timedelta

from host import services
from host.config import Config
from host.webhooks import batch, receivers

SHORT = timedelta(seconds=1)


def main(data: str, database_url: str) -> None:
    receivers.LEASE, batch.MOST = SHORT, 20
    built = services.build(Config.from_env({"PATCHBAY_DATA": data, "DATABASE_URL": database_url}))
    with built.webhooks.running():
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
