"""Carries out the tries of deliveries, each a job of the engine.

A kill in the middle repeats the try, so what it does has to be idempotent: files are replaced under their name, and a
mail has a fixed Message-ID. No transaction is open while a destination is asked.

Source: docs/reference/files.md, Deliveries.
"""

import logging
import traceback
from collections.abc import Callable, Mapping

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from host.clock import Clock
from host.db.engine import Database, retry_on_deadlock
from host.deliveries import deliveries
from host.deliveries.deliveries import Delivery
from host.deliveries.destinations import Destination
from host.deliveries.to_storage import Sent
from host.errors import HostError, MailError
from host.files import session_files
from host.sessions import repository

MAX_CRASHES = 10
POISONED = "our process died in it again and again"
ABOUT_ONE_MAIL = frozenset({"recipient", "content"})
"""The steps at which a mail server that works refuses one mail."""

Send = Callable[[Delivery], Sent]
OnArrived = Callable[[Connection, Delivery], None]
"""Called in the transaction that stores the arrival, with the delivery as it is then."""

log = logging.getLogger(__name__)


class Courier:
    """Carries out tries.

    Args:
        database: Holds the deliveries.
        clock: The time.
        destinations: How each destination is sent to.
        on_arrived: Plans what follows.
    """

    def __init__(
        self, database: Database, clock: Clock, destinations: Mapping[Destination, Send], on_arrived: OnArrived
    ) -> None:
        self._database = database
        self._clock = clock
        self._destinations = destinations
        self._on_arrived = on_arrived

    def deliver(self, delivery_id: int, run: int) -> None:
        """Carry out one try, unless it isn't the current one any more."""
        with self._database.write() as connection:
            delivery = deliveries.begin(connection, delivery_id, run)
        if delivery is None:
            return
        if delivery.begun > MAX_CRASHES:
            self._fail(delivery, POISONED, is_final=True, is_down=False)
            return
        try:
            sent = self._destinations[delivery.destination](delivery)
        except HostError as error:
            self._fail(delivery, str(error), is_final=not error.retryable, is_down=_is_down(error))
        except SQLAlchemyError:
            raise  # nothing can be stored now; the worker lets the try begin anew
        except Exception as error:  # noqa: BLE001 - the outermost edge: one bad file must not stop the others
            # The message is left out: it may hold personal data.
            place = "".join(traceback.format_tb(error.__traceback__))
            log.error("delivery %s: %s at\n%s", delivery.id, type(error).__name__, place)  # noqa: TRY400
            self._fail(delivery, f"an error of ours ({type(error).__name__})", is_final=False, is_down=False)
        else:
            self._keep(delivery, sent)

    @retry_on_deadlock
    def _keep(self, delivery: Delivery, sent: Sent) -> None:
        with self._database.write() as connection:
            repository.get(connection, delivery.session_id)  # locks it before its file, as a rewrite does
            file_id = delivery.file_id
            newest = 1 if file_id is None else session_files.lock(connection, file_id).version
            now = self._clock.now()
            if deliveries.finish(connection, delivery, now, sent.receipt, version=sent.version, newest=newest):
                self._on_arrived(connection, deliveries.get(connection, delivery.id))

    @retry_on_deadlock
    def _fail(self, delivery: Delivery, error: str, *, is_final: bool, is_down: bool) -> None:
        now = self._clock.now()
        with self._database.write() as connection:
            is_current = deliveries.fail(connection, delivery, now, error, is_final=is_final, is_down=is_down)
        if is_current:
            log.warning("delivery %s to %s failed: %s", delivery.id, delivery.destination, error)


def _is_down(error: HostError) -> bool:
    """Tell whether the destination as a whole has failed; a mail server that defers one recipient is up."""
    is_about_one = isinstance(error, MailError) and error.step in ABOUT_ONE_MAIL
    return error.retryable and not is_about_one
