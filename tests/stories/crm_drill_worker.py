"""A process that sweeps until it is killed: `python crm_drill_worker.py <database address> <crm port>`."""

import sys
import time
from datetime import timedelta

from host.clock import SystemClock
from host.crm.auth.clients import Clients
from host.crm.http import circuit_breaker
from host.crm.intents import intents, leased_intent, leases
from host.crm.steps.runner import CrmRunner
from host.db.engine import Database
from host.orchestration.crm_outbox import CrmOutbox
from tests.host.crm.crm_settings import updating
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.nothing_remains import NothingRemains

LEASE = timedelta(seconds=2)


def main(database_url: str, port: int) -> None:
    vars(intents)["LEASE"] = vars(leases)["LEASE"] = LEASE
    vars(circuit_breaker)["RESET_S"] = 1.0  # the drill has more faults than any CRM: it would mostly be left alone
    vars(leased_intent)["RENEW_BEFORE"] = timedelta(seconds=1)
    settings = updating(FaultyCrm(port=port), update_on=["end"])
    clock = SystemClock()
    outbox = CrmOutbox(clock, lambda: settings, lambda session_id: None, NothingRemains())
    runner = CrmRunner(
        Database(database_url),
        lambda: settings,
        Clients(),
        clock,
        outbox.on_known,
    )
    while True:
        if not runner.sweep():
            time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
