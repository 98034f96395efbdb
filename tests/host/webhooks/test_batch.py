"""What is sent, to a real receiver; on both engines."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, update

from host.db.tables import messages
from host.sessions.model import Session
from host.webhooks import deliveries, posting, receivers
from host.webhooks.deliveries import FAILED, WAITING
from tests.host.webhooks.hooked import Hooked, webhook
from tests.host.webhooks.receiver import Received, Receiver, receiving

DOWN = ("waiting", 1, "answered 503")
REST = receivers.REST


def test_tells_a_chat_from_its_start_to_its_end(host: Hooked, receiver: Receiver) -> None:
    host.world.arrive(host.world.james)
    chat = host.start(name="James Bond")
    host.world.offers.answer(chat, host.world.james)
    host.world.chats.write(chat, "Hello", "c1")
    host.world.chats.end(chat, by="agent", agent_id=host.world.james)
    host.send()
    of_chat = [each.body for each in receiver.received if each.body["data"].get("session_id") == chat]
    told = [(body["type"], body["data"].get("status")) for body in of_chat]
    assert told == [
        ("session.created", "queued"),
        ("session.offered", "assigned"),
        ("session.connected", "ongoing"),
        ("message.created", None),
        ("session.ended", "finished"),
    ]
    assert host.waiting() == []


def test_a_message_has_ids_and_the_session_as_it_is_now(host: Hooked, receiver: Receiver) -> None:
    host.world.arrive(host.world.james)
    chat = host.start(name="James Bond")
    host.send()
    body = receiver.received[-1].body
    agent = {"id": host.world.james, "email": "agent@example.com"}
    queue = {"id": body["data"]["queue"]["id"], "path": "Developers / James"}
    assert body == {
        "type": "session.offered",
        "timestamp": "2026-05-01T10:00:00.000Z",
        "data": {
            "sequence": body["data"]["sequence"],
            "agent": agent,
            "session_id": chat,
            "channel": "chat",
            "queue": queue,
            "session": {"id": chat, "status": "assigned"},
            "status": "assigned",
        },
    }
    assert receiver.received[-1].content_type == "application/json"
    assert int(receiver.received[-1].sent_at) == int(host.clock.now().timestamp())


def test_the_text_of_a_message_is_read_when_it_is_sent(host: Hooked, receiver: Receiver) -> None:
    host.world.chats.write(host.start(), "a secret", "c1")
    with host.database.write() as connection:
        connection.execute(update(messages).values(text="masked"))
    host.send()
    written = receiver.received[-1].body["data"]["message"]
    assert (written["from"], written["text"]) == ("end_user", "masked")


def test_an_agents_status_is_told_without_a_session(host: Hooked, receiver: Receiver) -> None:
    host.world.arrive(host.world.james)
    host.world.offers.answer(host.start(), host.world.james)
    host.send()
    [body] = [each.body for each in receiver.received if each.body["type"] == "agent.status_changed"]
    assert body["data"]["status"] == "In-chat"
    assert body["data"]["agent"]["id"] == host.world.james
    assert "session" not in body["data"]


def test_only_the_events_that_the_webhook_wants(host: Hooked, receiver: Receiver) -> None:
    host.webhooks = [webhook(receiver.url, events=["session.ended"])]
    host.world.chats.end(host.start(), by="end_user")
    host.send()
    assert receiver.types() == ["session.ended"]


def test_without_webhooks_nothing_is_written(host: Hooked) -> None:
    host.webhooks = []
    host.start()
    assert host.waiting() == []


def test_what_is_rolled_back_is_not_told(host: Hooked) -> None:
    def fail(connection: Connection, session: Session) -> None:
        raise RuntimeError

    host.world.outbox.on_created = fail  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        host.start()
    assert host.waiting() == []


def test_a_message_that_failed_is_sent_again_with_its_id(host: Hooked, receiver: Receiver) -> None:
    receiver.answer = lambda _: 503
    host.start()
    host.send()
    assert host.states() == [DOWN]
    receiver.answer = lambda _: 200
    host.send()
    assert len(receiver.received) == 1
    host.send(after=REST)
    assert [each.id for each in receiver.received] == [receiver.received[0].id] * 2
    assert receiver.received[1].sent_at > receiver.received[0].sent_at
    assert host.waiting() == []


def test_a_receiver_that_is_away_is_asked_once_for_all(host: Hooked, receiver: Receiver) -> None:
    receiver.answer = lambda _: 503
    host.start()
    host.send()
    for _ in range(9):
        host.start()
    host.send()
    host.send(after=REST)
    assert len(receiver.received) == 2
    receiver.answer = lambda _: 200
    host.send(after=REST)
    assert host.waiting() == []
    assert host.receiver() == receivers.Receiver(None, host.clock.now(), None)


def test_what_waited_goes_in_its_old_order(host: Hooked, receiver: Receiver) -> None:
    receiver.answer = lambda _: 503
    chat = host.start()
    host.send()
    for number in range(5):
        host.world.chats.write(chat, f"{number}", f"c{number}")
    host.send(after=REST)
    receiver.answer = lambda _: 200
    host.send(after=REST)
    told = [each.body["data"]["sequence"] for each in receiver.received[2:]]
    assert len(told) == 6
    assert told[1:] == sorted(told[1:])


def test_waits_longer_and_longer(host: Hooked, receiver: Receiver) -> None:
    receiver.answer = lambda _: 422
    host.start()
    waits = []
    for _ in range(9):
        host.send(after=max(timedelta(0), host.waiting()[0].due_at - host.clock.now()))
        waits.append((host.waiting()[0].due_at - host.clock.now()).total_seconds())
    assert waits == [5, 30, 120, 600, 1800, 3600, 7200, 14400, 14400]
    assert not host.receiver().is_failing


def test_gives_up_after_three_days_also_what_was_not_tried(host: Hooked, receiver: Receiver) -> None:
    receiver.answer = lambda _: 500
    host.start()
    host.start()
    host.send()
    host.send(after=deliveries.GIVE_UP_AFTER)
    assert [state for state, _, _ in host.states()] == [FAILED, FAILED]
    host.send(after=timedelta(days=1))
    assert len(receiver.received) == 3


def test_gone_is_final_at_once(host: Hooked, receiver: Receiver) -> None:
    receiver.answer = lambda _: 410
    for _ in range(3):
        host.start()
    host.send()
    assert host.states() == [(FAILED, 1, "answered 410")] * 3


def test_a_refused_message_holds_up_no_other(host: Hooked, receiver: Receiver) -> None:
    bad = host.start()
    others = [host.start() for _ in range(20)]
    receiver.answer = lambda found: 400 if found.body["data"]["session_id"] == bad else 200
    host.send()
    assert {each.body["data"]["session_id"] for each in receiver.received} == {bad, *others}
    assert host.states() == [(WAITING, 1, "answered 400")]


def test_a_receiver_that_refuses_is_back(host: Hooked, receiver: Receiver) -> None:
    receiver.answer = lambda _: 503
    for _ in range(3):
        host.start()
    host.send()
    receiver.answer = lambda _: 422
    host.send(after=REST)
    assert host.receiver() == receivers.Receiver()
    assert {error for _, _, error in host.states()} == {"answered 422"}


def test_a_receiver_may_ask_for_a_pause(host: Hooked, receiver: Receiver) -> None:
    receiver.answer, receiver.headers = lambda _: 429, {"Retry-After": "300"}
    host.start()
    host.send()
    host.send(after=timedelta(seconds=299))
    assert len(receiver.received) == 1
    host.send(after=timedelta(seconds=1))
    assert len(receiver.received) == 2


def test_a_person_lets_it_be_sent_again(host: Hooked, receiver: Receiver) -> None:
    receiver.answer = lambda _: 410
    host.start()
    host.send()
    receiver.answer = lambda _: 200
    with host.database.write() as connection:
        assert deliveries.retry(connection, host.key, host.clock.now()) == 1
    host.send()
    assert host.waiting() == []


def test_a_row_that_cannot_be_read_holds_up_no_other(host: Hooked, receiver: Receiver) -> None:
    chat = host.start()
    host.world.chats.write(chat, "Hello", "c1")
    with host.database.write() as connection:
        connection.execute(messages.delete())
    host.send()
    assert receiver.types() == ["session.created"]
    assert host.states() == [(FAILED, 1, "an error of ours (NoResultFound)")]


def test_redirects_are_not_followed(host: Hooked, receiver: Receiver) -> None:
    with receiving() as inside:
        receiver.answer, receiver.headers = lambda _: 307, {"Location": inside.url}
        host.start()
        host.send()
        assert inside.received == []
    assert host.states() == [(WAITING, 1, "answered 307; redirects are not followed")]


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("https://169.254.169.254/latest", "169.254.169.254 leads to 169.254.169.254, which no request may go to"),
        ("https://10.0.0.5/hook", "10.0.0.5 leads to the private address 10.0.0.5; switch allow_private_addresses on"),
        ("http://203.0.113.7/hook", "http to 203.0.113.7: use https (http needs allow_private_addresses)"),
        ("https://[::ffff:127.0.0.1]/hook", "::ffff:127.0.0.1 leads to the private address"),
    ],
)
def test_nothing_goes_inside(host: Hooked, url: str, error: str) -> None:
    host.webhooks = [webhook(url)]
    host.start()
    host.send()
    [(state, tries, found)] = host.states()
    assert (state, tries) == (WAITING, 1)
    assert error in str(found)


def test_no_message_is_sent_twice_at_the_same_time(host: Hooked, receiver: Receiver) -> None:
    receiver.takes_s = 0.05
    for _ in range(12):
        host.start()
    threads = [threading.Thread(target=host.send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    host.send()
    assert set(receiver.ids().values()) == {1}
    assert len(receiver.ids()) == 12


class Killed(BaseException):
    """Passes every handler, as a kill does."""


def test_a_kill_between_the_answer_and_the_note_sends_it_again(
    host: Hooked, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any, **__: Any) -> None:
        raise Killed

    host.start()
    with monkeypatch.context() as dying:
        dying.setattr(deliveries, "confirm", die)
        dying.setattr(receivers, "release", die)
        with pytest.raises(Killed):
            host.send()
    host.send()
    assert len(receiver.received) == 1
    host.send(after=receivers.LEASE)
    assert list(receiver.ids().values()) == [2]
    assert host.waiting() == []


def test_one_session_in_order_and_others_at_the_same_time(host: Hooked, receiver: Receiver) -> None:
    under_way, most, lock = [0], [0], threading.Lock()

    def answer(_: Received) -> int:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        time.sleep(0.02)
        with lock:
            under_way[0] -= 1
        return 204

    receiver.answer = answer
    chats = [host.start() for _ in range(4)]
    for number in range(3):
        for chat in chats:
            host.world.chats.write(chat, f"{number}", f"c{number}")
    host.send()
    for chat in chats:
        mine = [each.body["data"] for each in receiver.received if each.body["data"]["session_id"] == chat]
        assert [each["sequence"] for each in mine] == sorted(each["sequence"] for each in mine)
    assert most[0] > 1


def test_a_stopping_process_begins_no_request(host: Hooked, receiver: Receiver) -> None:
    host.start()
    host.batches.stopped.set()
    host.send()
    assert receiver.received == []
    assert host.states() == [(WAITING, 0, None)]


def test_no_answer_in_time_is_a_failure(host: Hooked, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "TIMEOUT_S", 0.1)
    receiver.takes_s = 0.3
    host.start()
    host.send()
    assert host.states() == [(WAITING, 1, "timed out after 0.1 s")]
