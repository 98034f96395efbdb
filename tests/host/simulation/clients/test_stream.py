"""The stream of an adapter page without a browser."""

import json
import time
from typing import Any

from host.simulation.clients.stream import Stream


def post(seq: int, after: int, ulid: str = "", **more: Any) -> dict[str, Any]:
    data = {"chat_id": 7, "session_type": "x", "agent_id": 1, "agent_email": "a@example.com"}
    event = {"type": "New_Chat", "data": data, "meta": {"id": ulid or f"id{seq}", "seq": seq, "replayed": False}}
    return {"op": "post", "message": json.dumps(event), "seq": seq, "after": after, **more}


def started(seq: int = 0) -> Stream:
    stream = Stream()
    stream.start({"seq": seq, "now": time.time() * 1000})
    return stream


def waits(stream: Stream) -> bool:
    return stream.waits_since is not None


def test_events_are_posted_in_the_order_of_their_seq() -> None:
    stream = started()

    assert stream.take(post(2, 1)) == []
    assert waits(stream)
    assert [event.meta["seq"] for event in stream.take(post(1, 0))] == [1, 2]
    assert not waits(stream)
    assert stream.hello == {"seq": 2, "posted": []}


def test_what_was_not_for_this_page_fills_the_gap() -> None:
    stream = started(seq=4)
    stream.take(post(8, 7))

    assert [event.meta["seq"] for event in stream.take({"op": "passed", "seq": 7, "after": 4})] == [8]


def test_an_event_is_posted_once() -> None:
    stream = started()
    stream.take(post(1, 0))
    stream.start({"seq": 0, "now": time.time() * 1000})

    assert stream.take(post(1, 0)) == []


def test_a_pop_is_acknowledged_each_time_it_comes_and_named_in_hello() -> None:
    stream = started()
    until = (time.time() + 2) * 1000

    stream.take(post(1, 0, "pop", ack="pop", until=until))
    stream.take(post(1, 0, "pop", ack="pop", until=until))

    assert stream.acknowledged == ["pop", "pop"]
    assert stream.hello["posted"] == ["pop"]


def test_a_pop_that_comes_too_late_is_asked_about() -> None:
    stream = started()

    assert stream.take(post(1, 0, "pop", ack="pop", until=(time.time() - 1) * 1000)) == []
    assert (stream.late, stream.acknowledged) == (["pop"], [])
