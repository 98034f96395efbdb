"""The threads of a worker: which webhook is sent to when, and what is cleaned up."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, NoReturn

import pytest

from host.db.engine import Database
from host.webhooks import deliveries, posting, receivers, sender
from host.webhooks.deliveries import FAILED, WAITING
from host.webhooks.sender import Sender
from tests.host.webhooks.hooked import Hooked, webhook
from tests.host.webhooks.receiver import Receiver, receiving

PATIENCE_S = 20


@pytest.fixture
def sending(host: Hooked, monkeypatch: pytest.MonkeyPatch) -> Sender:
    monkeypatch.setattr(sender, "LOOK_EVERY_S", 0.01)
    return Sender(host.database, host.clock, lambda: host.webhooks, host.shapes)


def wait_until(is_so: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    give_up_at = time.monotonic() + patience_s
    while not is_so():
        assert time.monotonic() < give_up_at, "waited in vain"
        time.sleep(0.01)


def test_sends_what_becomes_due(host: Hooked, receiver: Receiver, sending: Sender) -> None:
    with sending.running():
        host.start()
        wait_until(lambda: not host.waiting())
        host.start()
        wait_until(lambda: not host.waiting())
    assert receiver.types() == ["session.created"] * 2


def test_a_dead_receiver_delays_no_other(
    host: Hooked, receiver: Receiver, sending: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "TIMEOUT_S", 0.5)
    with receiving(takes_s=1.0) as dead:
        host.webhooks = [webhook(dead.url), *host.webhooks]
        for _ in range(20):
            host.start()
        with sending.running():
            wait_until(lambda: len(receiver.ids()) == 20)
            assert [each for each in host.states() if each[2]] == []  # the dead one's first try still runs
    assert len(dead.received) <= 8


def test_a_bad_secret_stops_no_other(host: Hooked, receiver: Receiver, sending: Sender) -> None:
    with receiving() as other:
        broken = webhook(other.url).model_copy(update={"secret": webhook(other.url).secret.__class__("§")})
        host.webhooks = [broken, *host.webhooks]
        host.start()
        with sending.running():
            wait_until(lambda: len(receiver.received) == 1)


def test_nobody_is_asked_without_webhooks(host: Hooked, sending: Sender) -> None:
    class Untouched(Database):
        def __init__(self) -> None:
            pass

        def read(self) -> NoReturn:
            raise AssertionError

    host.webhooks = []
    idle = Sender(Untouched(), host.clock, lambda: host.webhooks, host.shapes)
    with ThreadPoolExecutor(1) as pool:
        idle.start_due(pool)


def test_another_processs_lease_is_respected(host: Hooked, receiver: Receiver, sending: Sender) -> None:
    host.start()
    with host.database.write() as connection:
        assert receivers.lease(connection, host.key, "another", host.clock.now())
    with ThreadPoolExecutor(1) as pool:
        sending.start_due(pool)
    assert receiver.received == []


def test_gives_up_what_the_settings_have_no_more(host: Hooked, sending: Sender) -> None:
    host.start()
    host.webhooks = []
    sending.clean_up()
    assert host.states() == [(WAITING, 0, None)]
    host.clock.forward(timedelta(minutes=2))
    sending.clean_up()
    assert host.states() == [(FAILED, 0, deliveries.UNKNOWN)]
    host.clock.forward(sender.KEEP_FAILED + timedelta(seconds=1))
    sending.clean_up()
    assert host.states() == []


def test_errors_are_logged_without_their_text(
    host: Hooked, sending: Sender, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("https://hooks.example/?token=secret")

    monkeypatch.setattr(sending, "clean_up", fail)
    with sending.running():
        wait_until(lambda: bool(caplog.records))
    assert "RuntimeError" in caplog.text
    assert "token" not in caplog.text
