"""Questions to the database that come at the same moment, answered with one asking for all.

Ten thousand sockets that are woken at once would each want a connection for a dozen queries of their own.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

MOST = 50
"""Questions answered in one go: more would hold up others in a process with greenlets."""

Q = TypeVar("Q")
A = TypeVar("A")


@dataclass(eq=False)
class _Asked(Generic[Q, A]):
    question: Q
    told: threading.Event = field(default_factory=threading.Event)
    """Set when there is an answer, or when it is this one's turn to ask for all."""
    answers: Sequence[A] = ()
    """One, once it is there."""
    error: Exception | None = None

    @property
    def is_done(self) -> bool:
        return bool(self.answers) or self.error is not None


class Together(Generic[Q, A]):
    """Lets one of the threads that ask at the same time ask for the others too.

    A question is answered from what is in the database after it was asked, never before.

    Args:
        answer: Answers several questions, in their order.
        most: How many at a time.
    """

    def __init__(self, answer: Callable[[Sequence[Q]], Sequence[A]], most: int = MOST) -> None:
        self._answer = answer
        self._most = most
        self._lock = threading.Lock()
        self._waiting: list[_Asked[Q, A]] = []
        self._is_led = False

    def ask(self, question: Q) -> A:
        """Return the answer to one question.

        Raises:
            Exception: What `answer` raises for this question alone.
        """
        asked = _Asked[Q, A](question)
        with self._lock:
            self._waiting.append(asked)
            leads, self._is_led = not self._is_led, True
        if not leads:
            asked.told.wait()
        if not asked.is_done:
            self._lead()
        if asked.error is not None:
            raise asked.error
        return asked.answers[0]

    def _lead(self) -> None:
        """Get answers for those who wait, ourselves first among them; then the next one leads."""
        with self._lock:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        try:
            self._fill(batch)
        finally:
            with self._lock:
                following = self._waiting[:1]
                self._is_led = bool(following)
            for each in batch:
                if not each.is_done:
                    each.error = RuntimeError("who asked for all was stopped")
            for each in (*batch, *following):
                each.told.set()

    def _fill(self, batch: Sequence[_Asked[Q, A]]) -> None:
        try:
            answers = self._answer([each.question for each in batch])
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            if len(batch) == 1:
                batch[0].error = error
                return
            for each in batch:  # one question that can't be answered must not take the others with it
                self._fill([each])
            return
        for each, answer in zip(batch, answers, strict=True):
            each.answers = (answer,)
