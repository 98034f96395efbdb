"""Batches requests to the database that come at the same time.

Without it, ten thousand sockets that are woken at once would each need a connection and a dozen queries.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy import exc

UNREACHABLE = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""The database is unreachable: the whole batch fails. Single attempts would make all later requests wait as well."""
LARGEST_BATCH = 50
"""Requests in one batch; larger batches would block the other greenlets of a process."""

Q = TypeVar("Q")
A = TypeVar("A")


@dataclass(eq=False)
class _Pending(Generic[Q, A]):
    request: Q
    done: threading.Event = field(default_factory=threading.Event)
    answers: Sequence[A] = ()
    """One answer, once `done` is set and there is no error."""
    error: Exception | None = None

    def finish(self, *answers: A, error: Exception | None = None) -> None:
        self.answers, self.error = answers, error
        self.done.set()


class Batcher(Generic[Q, A]):
    """Collects requests and handles them in batches, in a thread of its own.

    A request is answered from data that is read after it was made. The thread saves memory: each of ten thousand
    greenlets that once called the database's driver would keep the stack that this needs.

    Args:
        answer: Takes several requests, returns their answers in the same order.
        most: The largest batch.
    """

    def __init__(self, answer: Callable[[Sequence[Q]], Sequence[A]], most: int = LARGEST_BATCH) -> None:
        self._answer = answer
        self._most = most
        self._lock = threading.Lock()
        self._waiting: list[_Pending[Q, A]] = []
        self._is_busy = False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="batcher")

    def submit(self, request: Q) -> A:
        """Return the answer to a request, which may be handled with others.

        Raises:
            Exception: What `answer` raises for this request alone.
        """
        pending = _Pending[Q, A](request)
        with self._lock:
            self._waiting.append(pending)
            was_busy, self._is_busy = self._is_busy, True
        if not was_busy:
            self._pool.submit(self._handle_all)
        pending.done.wait()
        if pending.error is not None:
            raise pending.error
        return pending.answers[0]

    def _handle_all(self) -> None:
        while batch := self._next_batch():
            self._handle(batch)

    def _next_batch(self) -> Sequence[_Pending[Q, A]]:
        with self._lock:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            self._is_busy = bool(batch)
        return batch

    def _handle(self, batch: Sequence[_Pending[Q, A]]) -> None:
        try:
            answers = self._answer([each.request for each in batch])
        except Exception as error:  # noqa: BLE001 - `submit` raises it
            if len(batch) == 1 or isinstance(error, UNREACHABLE):
                for each in batch:
                    each.finish(error=error)
                return
            for each in batch:  # one request that fails must not affect the others
                self._handle([each])
            return
        for each, answer in zip(batch, answers, strict=True):
            each.finish(answer)
