import threading
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy.exc import TimeoutError

from host.db.fair_lock import FairLock


def start(target: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    return thread


def waiting(lock: FairLock, number: int) -> None:
    """Wait until so many threads wait for the lock."""
    for _ in range(2000):
        if len(lock._waiting) == number:
            return
        threading.Event().wait(0.005)
    pytest.fail(f"{len(lock._waiting)} wait instead of {number}")


def test_threads_get_it_in_the_order_in_which_they_asked() -> None:
    lock, order = FairLock(30), list[int]()

    def take(number: int) -> None:
        with lock:
            order.append(number)

    with lock:
        threads = []
        for number in range(20):
            threads.append(start(partial(take, number)))
            waiting(lock, number + 1)
    for thread in threads:
        thread.join(10)
    assert order == list(range(20))


def test_an_error_inside_passes_it_on() -> None:
    lock = FairLock(30)
    with pytest.raises(ValueError, match="inside"), lock:
        raise ValueError("inside")
    with lock:
        assert not lock._waiting


def test_whoever_stops_waiting_blocks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            raise KeyboardInterrupt

    lock = FairLock(30)
    with lock:
        monkeypatch.setattr("host.db.fair_lock.threading.Event", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            lock.__enter__()
        monkeypatch.undo()
        assert not lock._waiting
    with lock:
        pass


def test_a_thread_that_holds_it_for_ever_is_told_of_and_those_who_gave_up_are_forgotten() -> None:
    lock = FairLock(0.05)
    with lock:
        with pytest.raises(TimeoutError, match="held the database"):
            lock.__enter__()
        assert not lock._waiting
    with lock:
        pass
