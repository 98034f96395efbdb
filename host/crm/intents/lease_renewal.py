"""Renews a lease during one long request: an upload may take minutes, a lease lasts seconds."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from host.crm.intents.intents import LostLeaseError
from host.crm.intents.leased_intent import LeasedIntent

EVERY_S = 4.0
"""Much shorter than `intents.LEASE`."""

log = logging.getLogger(__name__)


@contextmanager
def keep_lease(work: LeasedIntent, *, needed: bool, every_s: float = EVERY_S) -> Iterator[None]:
    """Renew the lease regularly until the block ends; the stall limit bounds the request itself.

    Args:
        work: Not used by another thread meanwhile, since its own thread waits for the CRM.
        needed: False: the request is short, and no renewal is needed.
        every_s: The interval.
    """
    if not needed:
        yield
        return
    over = threading.Event()
    thread = threading.Thread(target=_renew, args=(work, over, every_s), name="crm-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _renew(work: LeasedIntent, over: threading.Event, every_s: float) -> None:
    while not over.wait(every_s):
        try:
            work.renew()
        except LostLeaseError:
            return  # the thread that waits for the answer notices it itself
        except SQLAlchemyError:
            log.warning("the lease of a long upload could not be renewed; trying again")
