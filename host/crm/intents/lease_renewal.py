"""Keeps a lease while one long request is on its way: an upload may take minutes, a lease lasts seconds."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from host.crm.intents.intents import LostLeaseError
from host.crm.intents.leased_intent import LeasedIntent

EVERY_S = 4.0
"""Well within `intents.LEASE`."""

log = logging.getLogger(__name__)


@contextmanager
def kept_alive(work: LeasedIntent, *, needed: bool, every_s: float = EVERY_S) -> Iterator[None]:
    """Renew the lease again and again until the block ends; the request itself is bounded by its stall limit.

    Args:
        work: Nobody else may use it meanwhile: its thread waits for the CRM.
        needed: False: the request is short, and nothing is done.
        every_s: How often.
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
            return  # whoever waits for the answer finds out by itself
        except SQLAlchemyError:
            log.warning("the lease of a long upload could not be renewed; trying again")
