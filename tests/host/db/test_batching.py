import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.exc import OperationalError

from host.db.batching import Batcher

AWAY = 503


class Asking:
    """Answers with ten times the question; the first time only once it is let."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun = threading.Event()
        self.let = threading.Event()

    def __call__(self, questions: Sequence[int]) -> list[int]:
        self.batches.append(list(questions))
        if not self.begun.is_set():
            self.begun.set()
            assert self.let.wait(30)
        if AWAY in questions:
            raise OperationalError("SELECT", None, ConnectionError())
        if 13 in questions:
            raise ValueError(13)
        return [question * 10 for question in questions]


def asked(asking: Asking, batcher: Batcher[int, int], questions: Sequence[int]) -> list[int | BaseException | None]:
    """Ask 0, and while that is being answered the questions."""
    with ThreadPoolExecutor(len(questions) + 1) as pool:
        first = pool.submit(batcher.submit, 0)
        assert asking.begun.wait(30)
        others = [pool.submit(batcher.submit, question) for question in questions]
        while len(batcher._waiting) < len(questions):
            pass
        asking.let.set()
        assert first.result(30) == 0
        return [other.exception(30) or other.result(30) for other in others]


def test_who_asks_alone_is_answered_at_once() -> None:
    asking = Asking()
    asking.begun.set()
    batcher = Batcher(asking)
    assert [batcher.submit(7), batcher.submit(8)] == [70, 80]
    assert asking.batches == [[7], [8]]


def test_who_asks_while_somebody_is_being_answered_is_asked_for_together_afterwards() -> None:
    asking = Asking()
    assert asked(asking, Batcher(asking), [1, 2, 3]) == [10, 20, 30]
    assert [sorted(batch) for batch in asking.batches] == [[0], [1, 2, 3]]


def test_many_are_asked_for_in_several_goes() -> None:
    asking = Asking()
    assert asked(asking, Batcher(asking, most=2), [1, 2, 3]) == [10, 20, 30]
    assert [len(batch) for batch in asking.batches] == [1, 2, 1]


def test_a_question_that_cannot_be_answered_takes_no_other_with_it() -> None:
    asking = Asking()
    answers = asked(asking, Batcher(asking), [12, 13, 14])
    assert [answers[0], answers[2]] == [120, 140]
    assert isinstance(answers[1], ValueError)


def test_a_database_that_is_away_is_asked_once_for_all() -> None:
    asking = Asking()
    answers = asked(asking, Batcher(asking), [12, 14, AWAY])
    assert [type(answer) for answer in answers] == [OperationalError] * 3
    assert [len(batch) for batch in asking.batches] == [1, 3]


def test_after_a_failure_others_are_answered() -> None:
    asking = Asking()
    asking.begun.set()
    batcher = Batcher(asking)
    with pytest.raises(ValueError, match="13"):
        batcher.submit(13)
    assert batcher.submit(1) == 10
