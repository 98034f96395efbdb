"""A lock that threads get in the order in which they ask for it."""

import threading
from collections import deque
from types import TracebackType

from sqlalchemy.exc import TimeoutError as NoTurnError


class FairLock:
    """Lets one thread in at a time, first come, first served; it is not reentrant.

    Args:
        patience_s: How long a thread waits.

    Raises:
        sqlalchemy.exc.TimeoutError: When it is entered and the turn has not come in this time, as from a full pool.
    """

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._guard = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Event] = deque()

    def __enter__(self) -> None:
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        try:
            has_come = turn.wait(self._patience_s)
        except BaseException:  # a signal or timeout: a thread that stops waiting must not block others
            self._leave(turn)
            raise
        if not has_come:
            self._leave(turn)
            raise NoTurnError(f"another thread has held the database for {self._patience_s:g} s")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pass_on()

    def _leave(self, turn: threading.Event) -> None:
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return
        self._pass_on()

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False
