"""Who gets the next thread."""

import pytest

from host.web.server.fair_queue import (
    CONSUMERS,
    MOST_OF_CONSUMERS,
    MOST_OF_KIND,
    MOST_OF_ONE,
    SHARED,
    SIGN_INS,
    FairQueue,
)
from host.web.server.request_reader import IncomingRequest


def test_one_customer_leaves_threads_to_others() -> None:
    fair_queue: FairQueue[str] = FairQueue()
    for number in range(MOST_OF_ONE):
        assert fair_queue.can_start("192.0.2.1"), number
        fair_queue.start("192.0.2.1")
    assert not fair_queue.can_start("192.0.2.1")
    fair_queue.enqueue("waits", "192.0.2.1")
    assert fair_queue.can_start("192.0.2.2")
    assert fair_queue.finish("192.0.2.1") == ["waits"]


def test_a_consumer_leaves_the_processor_to_agents() -> None:
    fair_queue: FairQueue[str] = FairQueue()
    consumers = IncomingRequest(b"GET /consumer/ HTTP/1.1\r\n\r\n")
    assert consumers.kind == CONSUMERS
    for _ in range(MOST_OF_CONSUMERS):
        assert fair_queue.can_start("192.0.2.1" + CONSUMERS)
        fair_queue.start("192.0.2.1" + CONSUMERS)
    assert not fair_queue.can_start("192.0.2.1" + CONSUMERS)
    assert fair_queue.can_start("192.0.2.1")


def test_when_many_are_running_each_customer_still_gets_one() -> None:
    fair_queue: FairQueue[str] = FairQueue()
    for number in range(SHARED):
        fair_queue.start(f"198.51.100.{number % 2}")
    assert not fair_queue.can_start("198.51.100.1")
    assert fair_queue.can_start("192.0.2.2")
    fair_queue.start("192.0.2.2")
    assert not fair_queue.can_start("192.0.2.2")


@pytest.mark.parametrize("kind", [CONSUMERS, SIGN_INS])
def test_what_anybody_may_ask_leaves_threads_to_agents(kind: str) -> None:
    fair_queue: FairQueue[str] = FairQueue()
    for number in range(MOST_OF_KIND[kind]):
        fair_queue.start(f"198.51.{number}{kind}")

    assert not fair_queue.can_start(f"192.0.2.1{kind}")
    fair_queue.enqueue("waits", f"192.0.2.1{kind}")
    assert fair_queue.can_start("192.0.2.1")
    assert fair_queue.finish(f"198.51.0{kind}") == ["waits"]
