"""A process that sweeps until it is killed: `python drill_worker.py <database address> <crm port>`."""

import sys
import time
from datetime import timedelta

from host.clock import SystemClock
from host.crm import intents, leases, work
from host.crm.client_source import Clients
from host.crm.runner import CrmRunner
from host.db.engine import Database
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.crm.settings import crm_settings

LEASE = timedelta(seconds=2)


def main(database_url: str, port: int) -> None:
    vars(intents)["LEASE"] = vars(leases)["LEASE"] = LEASE
    vars(work)["RENEW_BEFORE"] = timedelta(seconds=1)
    settings = crm_settings(FaultyCrm(port=port))
    runner = CrmRunner(
        Database(database_url),
        lambda: settings,
        Clients(),
        SystemClock(),
        lambda connection, session_id: None,
    )
    while True:
        if not runner.sweep():
            time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
