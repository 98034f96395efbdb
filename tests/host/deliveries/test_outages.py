"""Destinations that fail: what is tried when, what is given up, and what follows once they are back."""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from host.db.tables import deliveries as rows
from host.deliveries import deliveries, report
from host.deliveries.courier import MAX_CRASHES, POISONED, Courier
from host.deliveries.deliveries import NOT_IN_TIME, Delivery
from host.deliveries.destinations import AT_ONCE
from host.deliveries.to_storage import Sent
from host.errors import MailError, StorageError
from host.sessions import repository
from host.storage.settings import ExternalStorage
from host.storage.storage import Storage
from tests.host.deliveries.conftest import Office

A_SECOND = timedelta(seconds=1)


@dataclass
class Flaky:
    """A destination that fails while a test says so."""

    real: Callable[[Delivery], Sent]
    error: Exception | None = None
    tried: list[Delivery] = field(default_factory=list)

    def __call__(self, delivery: Delivery) -> Sent:
        self.tried.append(delivery)
        if self.error is not None:
            raise self.error
        return self.real(delivery)


DOWN = StorageError("connect", "no answer from files.example")
REFUSED = StorageError("write", "the path is refused", is_permanent=True)


@pytest.fixture
def flaky(office: Office) -> Flaky:
    made = Flaky(office.files.to_storage)
    courier = Courier(office.database, office.clock, {"storage": made}, office.files.routes.on_arrived)
    vars(office.files)["courier"] = courier
    return made


def states(office: Office) -> dict[str, int]:
    with office.database.read() as connection:
        return {name: number for name, number in report.count(connection).items() if number}


def pass_time(office: Office, by: timedelta, step: timedelta = timedelta(minutes=1)) -> None:
    until = office.clock.now() + by
    while office.clock.now() < until:
        office.clock.forward(step)
        office.run_jobs()
        office.deliver()


def ended(office: Office, count: int) -> list[int]:
    """Let as many chats end, without their work in the CRM."""
    made = []
    for _ in range(count):
        made.append(office.story.start())
        office.story.chats.end(made[-1], by="end_user")
    return made


def test_a_try_that_fails_is_repeated(office: Office, flaky: Flaky) -> None:
    flaky.error = DOWN
    ended(office, 1)
    office.run_jobs()
    assert office.deliver() == 1
    assert (states(office), office.deliver()) == ({"waiting": 1}, 0)
    with office.database.read() as connection:
        [item] = report.report(connection).items
    assert (item.delivery.error, item.delivery.tries) == ("connect: no answer from files.example", 1)
    flaky.error = None
    office.clock.forward(timedelta(seconds=5))
    assert (office.deliver(), states(office)) == (1, {"done": 1})


def test_what_is_refused_waits_for_a_person(office: Office, flaky: Flaky) -> None:
    flaky.error = REFUSED
    ended(office, 1)
    office.run_jobs()
    office.deliver()
    pass_time(office, timedelta(hours=1), timedelta(minutes=10))
    assert states(office) == {"failed": 2}, "the transcript and the metadata"
    flaky.error = None
    with office.database.write() as connection:
        assert deliveries.retry(connection, office.clock.now()) == 2
    office.deliver()
    assert states(office) == {"done": 2}


def test_an_error_of_ours_is_tried_again_and_shown_without_its_text(office: Office, flaky: Flaky) -> None:
    flaky.error = RuntimeError("james.bond@agents.co")
    ended(office, 1)
    office.run_jobs()
    office.deliver()
    with office.database.read() as connection:
        [item] = report.report(connection).items
    assert (item.delivery.state, item.delivery.error) == ("waiting", "an error of ours (RuntimeError)")


@pytest.mark.slow
def test_after_three_days_it_is_given_up_until_a_person_tries_again(office: Office, flaky: Flaky) -> None:
    flaky.error = DOWN
    ended(office, 1)
    pass_time(office, timedelta(days=3, hours=2), timedelta(minutes=30))
    assert states(office) == {"failed": 2}
    tries = len(flaky.tried)
    assert tries < 900
    pass_time(office, timedelta(days=1), timedelta(hours=1))
    assert len(flaky.tried) == tries, "nothing is tried any more"
    flaky.error = None
    with office.database.write() as connection:
        deliveries.retry(connection, office.clock.now())
    office.deliver()
    assert states(office) == {"done": 2}


@pytest.mark.slow
def test_what_was_never_tried_is_given_up_too(office: Office, flaky: Flaky) -> None:
    flaky.error = DOWN
    ended(office, 10)
    pass_time(office, timedelta(days=3, hours=2), timedelta(hours=1))
    assert states(office) == {"failed": 20}
    with office.database.read() as connection:
        errors = set(connection.execute(select(rows.c.error)).scalars())
    assert errors <= {str(DOWN), NOT_IN_TIME}


@pytest.mark.slow
def test_a_destination_that_is_down_is_tried_with_one_at_a_time(office: Office, flaky: Flaky) -> None:
    flaky.error = DOWN
    ended(office, 20)
    office.run_jobs()
    assert len(office.take()) == AT_ONCE
    with office.database.write() as connection:
        connection.execute(rows.update().values(state="waiting", due_at=office.clock.now()))
    while office.deliver():
        pass
    before = len(flaky.tried)
    pass_time(office, timedelta(hours=1))
    assert len(flaky.tried) - before <= 20
    with office.database.read() as connection:
        [down] = report.report(connection).down
    assert (down.name, down.waiting) == ("external storage", 40)


@pytest.mark.slow
def test_a_day_without_storage_loses_nothing_and_starves_nobody(office: Office, flaky: Flaky) -> None:
    flaky.error = DOWN
    for _ in range(8):
        ended(office, 6)
        pass_time(office, timedelta(hours=3), timedelta(minutes=30))
    assert states(office) == {"waiting": 96}
    flaky.error = None
    ended(office, 1)
    pass_time(office, timedelta(minutes=5), timedelta(seconds=15))  # the longest rest
    newest = office.story.start()
    office.story.chats.end(newest, by="end_user")
    office.run_jobs()
    flaky.tried.clear()
    office.deliver()
    assert newest in [each.session_id for each in flaky.tried[:AT_ONCE]]
    pass_time(office, timedelta(minutes=20))
    assert states(office) == {"done": 100}
    assert not [path for path in office.stored() if path.endswith(".part")]


@pytest.mark.slow
def test_one_file_that_never_works_stops_no_other(office: Office, flaky: Flaky) -> None:
    [poison] = ended(office, 1)
    office.run_jobs()

    def send(delivery: Delivery) -> Sent:
        if delivery.session_id == poison:
            raise StorageError("write", "this file is cursed")
        return office.files.to_storage(delivery)

    flaky.real = send
    pass_time(office, timedelta(minutes=10), timedelta(seconds=10))
    others = ended(office, 10)
    pass_time(office, timedelta(minutes=20))
    with office.database.read() as connection:
        done = select(func.count()).where(rows.c.state == "done", rows.c.session_id.in_(others))
        assert connection.execute(done).scalar_one() == 20


@pytest.mark.parametrize("error", [MailError("recipient", "the server answered 450"), RuntimeError("of ours")])
def test_a_refusal_of_one_delivery_does_not_count_as_an_outage(office: Office, flaky: Flaky, error: Exception) -> None:
    flaky.error = error
    ended(office, 5)
    office.run_jobs()
    assert office.deliver() == 5
    with office.database.read() as connection:
        assert report.report(connection).down == []
    flaky.error = None
    ended(office, 1)
    office.run_jobs()
    assert (office.deliver(), states(office)) == (1, {"waiting": 5, "done": 1})


def test_what_was_tried_in_vain_lets_others_go_first(office: Office, flaky: Flaky) -> None:
    flaky.error = DOWN
    ended(office, 6)
    office.run_jobs()
    for _ in range(6):
        office.deliver()
        office.clock.forward(timedelta(hours=1))
    assert len({each.id for each in flaky.tried}) == 6


def test_after_a_long_stop_one_failure_gives_nothing_up(office: Office, flaky: Flaky) -> None:
    ended(office, 1)
    office.run_jobs()
    office.clock.forward(timedelta(days=4))
    flaky.error = DOWN
    office.deliver()
    assert states(office) == {"waiting": 1}
    for _ in range(6):
        office.clock.forward(timedelta(minutes=20))
        office.deliver()
    assert states(office) == {"failed": 1}


def test_what_waits_for_a_storage_that_is_switched_off_goes_out_when_it_is_on(office: Office) -> None:
    ended(office, 1)
    office.run_jobs()
    on = office.story.storage
    office.story.storage = on.model_copy(update={"enabled": False})
    assert (office.deliver(), states(office)) == (0, {"waiting": 1})
    office.story.storage = on
    assert (office.deliver(), states(office)) == (1, {"done": 1})


def test_a_file_that_kills_whoever_sends_it_is_given_up(office: Office, flaky: Flaky) -> None:
    ended(office, 1)
    office.run_jobs()
    [taken] = office.take()

    def die(_: Any) -> Sent:
        raise KeyboardInterrupt  # passes every handler, as a kill does

    flaky.real = die
    for _ in range(MAX_CRASHES):
        with pytest.raises(KeyboardInterrupt):
            office.files.courier.deliver(taken.id, taken.run)
    office.files.courier.deliver(taken.id, taken.run)
    with office.database.read() as connection:
        [item] = report.report(connection).items
    assert (item.delivery.state, item.delivery.error) == ("failed", POISONED)


def test_a_try_that_the_engine_has_lost_begins_anew_and_the_old_one_changes_nothing(office: Office) -> None:
    ended(office, 1)
    office.run_jobs()
    [lost] = office.take()
    with office.database.write() as connection:
        keys = [lost.run_key, "crm-1-01J", "deliver-x-1", f"deliver-{lost.id}-99"]
        assert deliveries.release(connection, keys, office.clock.now()) == 1
    [again] = office.take()
    assert again.run == lost.run + 1
    office.files.courier.deliver(lost.id, lost.run)
    assert states(office) == {"sending": 1}
    office.files.courier.deliver(again.id, again.run)
    office.files.courier.deliver(again.id, again.run)
    assert states(office) == {"done": 1}


def test_a_try_without_an_end_counts_as_lost_after_an_hour(office: Office) -> None:
    ended(office, 1)
    office.run_jobs()
    office.take()
    office.clock.forward(timedelta(minutes=59))
    assert office.take() == []
    office.clock.forward(timedelta(minutes=1))
    assert len(office.take()) == 1


def test_a_rewrite_while_the_file_is_on_its_way_goes_out_next(office: Office) -> None:
    session_id = office.finished()
    office.everything(session_id)
    office.files.after_session.write_metadata(session_id)
    office.clock.forward(A_SECOND)
    touch(office, session_id)
    office.files.after_session.write_metadata(session_id)
    [taken] = office.take()
    office.clock.forward(A_SECOND)
    touch(office, session_id)

    class Rewriting(Flaky):
        def __call__(self, delivery: Delivery) -> Sent:
            sent = self.real(delivery)
            office.files.after_session.write_metadata(session_id)
            return sent

    slow = Rewriting(office.files.to_storage)
    Courier(office.database, office.clock, {"storage": slow}, office.files.routes.on_arrived).deliver(
        taken.id, taken.run
    )
    assert office.of(session_id)[f"chat-{session_id}.json"].state == "waiting"
    assert office.deliver() == 1
    assert office.of(session_id)[f"chat-{session_id}.json"].version == 3


def test_a_rewrite_whose_older_content_is_gone_already_goes_out(office: Office, flaky: Flaky) -> None:
    session_id = office.finished()
    office.everything(session_id)
    touch(office, session_id)
    office.clock.forward(A_SECOND)
    office.files.after_session.write_metadata(session_id)
    [taken] = office.take()
    storages = office.files.to_storage._storages
    real = storages.of

    def slow(settings: ExternalStorage) -> Storage:
        path = office.files_of(session_id)[f"chat-{session_id}.json"].content_path
        office.clock.forward(A_SECOND)
        touch(office, session_id)
        office.files.after_session.write_metadata(session_id)
        (office.story.folder / str(path)).unlink()
        return real(settings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storages, "of", slow)
        office.files.courier.deliver(taken.id, taken.run)
    assert states(office) == {"waiting": 1, "done": 1}
    office.clock.forward(timedelta(minutes=1))
    assert (office.deliver(), states(office)) == (1, {"done": 2})


def test_a_full_disk_loses_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    [session_id] = ended(office, 1)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            office.files.after_session.write_transcript(session_id)
    assert f"session {session_id}: chat transcripts can't be written: No space left on device" in caplog.text
    assert list((office.story.folder / "content").iterdir()) == []
    office.run_jobs()
    office.deliver()
    assert states(office) == {"done": 1}


def touch(office: Office, session_id: int) -> None:
    with office.database.write() as connection:
        session = repository.get(connection, session_id)
        repository.set_details(connection, session, {"rated": True}, office.clock.now())
