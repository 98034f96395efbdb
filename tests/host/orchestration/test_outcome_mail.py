"""The mail with the outcome of a session: who gets one, when, and what it says; to a real mail server."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from host.db.engine import Database
from host.deliveries import deliveries
from host.email_update.settings import EmailOutcome, Smtp
from host.errors import MailError
from host.events import tabs
from host.files import session_files
from host.jobs import job_rows
from host.orchestration.after_session import Documents
from host.orchestration.crm_outbox import CrmOutbox
from host.orchestration.documents import DocumentWriter
from host.orchestration.file_work import FileWork
from host.orchestration.outcome_mail import OutcomeMail, smtp_name
from host.orchestration.session_actions import SessionActions
from host.queues import tree
from host.sessions import repository
from host.sessions.calls import NewCall
from host.sessions.chats import NewChat
from host.sessions.ratings import Rating, Ratings
from host.sessions.transfers import Target
from host.settings.document.model import Settings
from host.storage.open_storage import open_storage
from tests.host.email_update.smtp_server import MailServer, running
from tests.host.world import World

PORTAL, QUEUE, SALES = "crm@portal.example", "crm@queue.example", "crm@sales.example"
QUARTER = timedelta(minutes=15)


class Post:
    """A host that mails; its jobs and deliveries run when a test says so."""

    def __init__(self, database: Database, server: MailServer, folder: Path) -> None:
        self.world = World(database)
        self.database, self.clock = database, self.world.clock
        self.clock.at = datetime(2026, 5, 1, 10, tzinfo=UTC)
        self.server = server
        self.outcome = EmailOutcome(enabled=True, address=PORTAL)
        url_of = partial(session_files.permanent_url, "https://patchbay.example")
        writer = DocumentWriter(self.settings, self.clock, url_of)
        self.mail = OutcomeMail(database, self.clock, self.settings, writer, "https://patchbay.example")
        self.files = FileWork.build(
            database,
            self.clock,
            folder,
            self.settings,
            Documents(writer.transcript, writer.metadata, self.mail.is_wanted),
            url_of=url_of,
            delay=lambda: QUARTER,
            send_mail=self.mail.send_outcome,
            open_storage=lambda storage: open_storage(storage, folder),
        )
        outbox = CrmOutbox(self.clock, lambda: self.settings().crm, lambda session_id: None, self.files.after_session)
        self.outbox = outbox
        self.actions = SessionActions.build(database, self.clock, outbox)
        for agent in (self.world.james, self.world.eve):
            for adapter in ("call", "chat"):
                self.world.arrive(agent, adapter=adapter)
        with database.write() as connection:
            sales = tree.upsert(connection, ("Sales",), settings={"email_outcome": {"enabled": True, "address": SALES}})
            tree.set_agents(connection, sales.id, [self.world.eve])
            self.sales_id = sales.id

    def settings(self) -> Settings:
        smtp = Smtp(host="127.0.0.1", port=self.server.port or 25)
        return Settings().model_copy(update={"smtp": smtp, "email_outcome": self.outcome})

    def of_queue(self, *path: str, **outcome: Any) -> None:
        with self.database.write() as connection:
            tree.upsert(connection, path, settings={"email_outcome": outcome})

    def chat(self, queue: str | None = "Developers / James") -> int:
        """A chat that whoever is offered it has answered: James, as long as he is the longest idle."""
        session_id = self.actions.chats.start(NewChat(queue=queue, name="Jane Doe", email="jane@example.com"))[0].id
        with self.database.read() as connection:
            offered_to = repository.get(connection, session_id).offered_to
        if offered_to is not None:
            self.actions.offers.answer(session_id, offered_to)
        return session_id

    def call(self) -> int:
        session_id = self.actions.calls.start(NewCall(queue="Developers / James", phone="+12223334444"))[0].id
        self.actions.offers.answer(session_id, self.world.james)
        return session_id

    def end(self, session_id: int) -> None:
        self.actions.chats.end(session_id, by="end_user")

    def work(self) -> None:
        """Run everything that is due now."""
        with self.database.write() as connection:
            tabs.keep_alive(connection, "process", self.clock.now())
            self.actions.run_timers(connection, self.clock.now())  # ends wrap-ups
            due = job_rows.take(connection, self.clock.now(), 100)
        for job in due:
            after = self.files.after_session
            (after.write_transcript if job.kind == job_rows.TRANSCRIPT else after.write_metadata)(job.session_id)
        with self.database.write() as connection:
            taken = deliveries.take(connection, "email", self.clock.now(), 100)
        for each in taken:
            self.files.courier.deliver(each.id, each.run)

    def later(self, wait: timedelta = QUARTER) -> list[EmailMessage]:
        """Let time pass, and the host work; return the mails so far."""
        self.clock.forward(wait)
        self.work()
        return self.server.mails

    def recipients(self) -> list[str]:
        return [str(each["To"]) for each in self.later()]


@pytest.fixture
def post(database: Database, tmp_path: Path) -> Iterator[Post]:
    with running(MailServer()) as server:
        yield Post(database, server, tmp_path)


def test_a_chat_that_is_finished_is_mailed_a_quarter_of_an_hour_later(post: Post) -> None:
    chat = post.chat()
    post.actions.chats.say(chat, post.world.james, "Grüße", "1")
    post.end(chat)
    post.work()
    assert post.later(QUARTER - timedelta(seconds=1)) == []
    [mail] = post.later(timedelta(seconds=1))
    assert (mail["To"], mail["From"]) == (PORTAL, "no-reply@example.com")
    assert mail["Subject"] == f"chat {chat}: Messaging (Web)"
    body = mail.get_body(("plain",))
    assert body is not None
    metadata = json.loads(body.get_content())
    assert (metadata["id"], metadata["status"], metadata["end_user"]["email"]) == (chat, "finished", "jane@example.com")
    [transcript] = mail.iter_attachments()
    assert transcript.get_filename() == f"chat-{chat}.txt"
    text = transcript.get_content()
    assert "James Bond (agent): Grüße" in text
    assert text.splitlines()[-1] == "This chat is ended"


def test_a_call_is_mailed_without_an_attachment(post: Post) -> None:
    call = post.call()
    post.actions.calls.end(call, by="end_user")
    [mail] = post.later()
    assert json.loads(mail.get_content())["call_uuid"] in mail["Message-ID"]


def test_the_file_and_the_mail_say_the_same(post: Post, tmp_path: Path) -> None:
    chat = post.chat()
    post.end(chat)
    [mail] = post.later()
    with post.database.read() as connection:
        [_, file] = session_files.of_session(connection, chat)
    assert file.content_path is not None
    body = mail.get_body(("plain",))
    assert body is not None
    assert json.loads(body.get_content()) == json.loads((tmp_path / file.content_path).read_bytes())


@pytest.mark.parametrize(
    ("is_global", "of_queue", "expected"),
    [
        (False, {"enabled": False, "address": QUEUE}, []),
        (False, {"enabled": True, "address": QUEUE}, [QUEUE]),
        (True, {"enabled": False, "address": QUEUE}, [PORTAL]),
        (True, {"enabled": True, "address": QUEUE}, [QUEUE]),
        (True, {"enabled": True, "address": ""}, []),
    ],
)
def test_the_queues_setting_overrides_the_global_one(
    post: Post, is_global: bool, of_queue: dict[str, Any], expected: list[str]
) -> None:
    post.outcome = EmailOutcome(enabled=is_global, address=PORTAL)
    post.of_queue("Developers", "James", **of_queue)
    post.end(post.chat())
    assert post.recipients() == expected


def test_an_empty_global_address_means_no_mail(post: Post) -> None:
    post.outcome = EmailOutcome(enabled=True)
    post.end(post.chat())
    assert post.recipients() == []


def test_a_parent_queues_setting_does_not_descend(post: Post) -> None:
    post.of_queue("Developers", enabled=True, address="crm@parent.example")
    post.end(post.chat())
    assert post.recipients() == [PORTAL]


@pytest.mark.parametrize("is_warm", [False, True])
def test_the_queue_is_the_last_one(post: Post, is_warm: bool) -> None:
    post.of_queue("Developers", "James", enabled=True, address=QUEUE)
    chat = post.chat()
    post.actions.transfers.transfer(chat, post.world.james, Target("queue", post.sales_id), is_warm=is_warm)
    post.actions.offers.answer(chat, post.world.eve)
    post.end(chat)
    assert post.recipients() == [SALES]


def test_without_a_queue_the_global_setting_counts(post: Post) -> None:
    new = NewCall(type="voice_outbound", phone="+12223334444", idempotency_key="dial:1")
    call = post.actions.calls.dial(post.world.james, new).id
    post.actions.calls.end(call, by="agent", agent_id=post.world.james)
    assert post.recipients() == [PORTAL]


def test_no_other_session_is_mailed(post: Post) -> None:
    left = post.actions.chats.start(NewChat(queue="Developers / James"))[0].id
    post.end(left)  # canceled
    abandoned = post.actions.calls.start(NewCall(queue="Developers / James", phone="+1"))[0].id
    post.actions.calls.end(abandoned, by="end_user")  # failed: eu_abandoned
    voicemail = post.actions.calls.start(NewCall(queue="Developers / James", phone="+2"))[0].id
    post.actions.before_agents.note_voicemail(voicemail, "received")
    post.of_queue("Closed", enabled=True, address=QUEUE)
    with post.database.write() as connection:
        tree.upsert(
            connection,
            ("Closed",),
            settings={"business_hours": {}, "email_outcome": {"enabled": True, "address": QUEUE}},
        )
    post.actions.chats.start(NewChat(queue="Closed"))  # deflected
    assert post.recipients() == []
    with post.database.read() as connection:
        kinds = [each.kind for session in range(1, 5) for each in session_files.of_session(connection, session)]
    assert kinds.count("session_metadata") == 4


def test_a_rating_later_changes_the_file_and_sends_no_second_mail(post: Post) -> None:
    chat = post.chat()
    post.end(chat)
    assert len(post.later()) == 1
    Ratings(post.database, post.clock, post.outbox).rate(chat, Rating(5))
    assert len(post.later()) == 1
    with post.database.read() as connection:
        [_, file] = session_files.of_session(connection, chat)
    assert file.version == 2


def test_a_wrap_up_that_takes_longer_changes_the_file_and_sends_no_second_mail(post: Post, tmp_path: Path) -> None:
    with post.database.write() as connection:
        tree.upsert(connection, ("Developers", "James"), settings={"max_wrap_up_s": 7200, "dispositions": ["Solved"]})
    chat = post.chat()
    post.end(chat)
    [mail] = post.later()
    body = mail.get_body(("plain",))
    assert body is not None
    [handling] = json.loads(body.get_content())["handle_durations"]
    assert handling["acw_duration"] is None
    post.actions.wrap_ups.finish(chat, post.world.james, "Solved", "A refund")
    assert len(post.later()) == 1
    with post.database.read() as connection:
        [_, file] = session_files.of_session(connection, chat)
    assert (file.version, file.content_path is not None) == (2, True)
    made = json.loads((tmp_path / str(file.content_path)).read_bytes())
    assert [(each["name"], each["note"]) for each in made["dispositions"]] == [("Solved", "A refund")]
    assert made["handle_durations"][0]["acw_duration"] == 900


def test_a_setting_that_was_off_in_time_mails_nothing_later(post: Post) -> None:
    post.outcome = EmailOutcome()
    chat = post.chat()
    post.end(chat)
    assert post.later() == []
    post.outcome = EmailOutcome(enabled=True, address=PORTAL)
    Ratings(post.database, post.clock, post.outbox).rate(chat, Rating(5))
    assert post.later() == []


def test_a_mail_that_is_not_wanted_any_more_is_left(post: Post) -> None:
    post.server.answers["RCPT"] = "450 4.2.1 busy"
    chat = post.chat()
    post.end(chat)
    post.later()
    post.server.answers.clear()
    post.outcome = EmailOutcome()
    assert post.later() == []
    assert delivery(post, chat).receipt == {"skipped": "the settings want no mail any more"}


def test_a_lost_answer_repeats_the_same_message(post: Post) -> None:
    post.server.drops = 1
    post.end(post.chat())
    post.later()
    first, second = (str(each["Message-ID"]) for each in post.later())
    assert first == second


@pytest.mark.parametrize(
    ("answer", "state", "error"),
    [
        ("451 4.3.0 later", "waiting", "content: the server answered 451 4.3.0"),
        ("554 5.6.0 jane@example.com", "failed", "content: the server answered 554 5.6.0"),
    ],
)
def test_an_answer_says_whether_it_is_tried_again(
    post: Post, caplog: pytest.LogCaptureFixture, answer: str, state: str, error: str
) -> None:
    post.server.answers["DATA"] = answer
    chat = post.chat()
    post.end(chat)
    with caplog.at_level(logging.DEBUG):
        post.later()
    assert (delivery(post, chat).state, delivery(post, chat).error) == (state, error)
    logged = " ".join(each.getMessage() for each in caplog.records if each.name.startswith("host"))
    assert error in logged
    assert "example.com" not in logged
    assert "Jane" not in logged
    post.server.answers.clear()
    assert len(post.later(timedelta(hours=1))) == (1 if state == "waiting" else 0)


@pytest.mark.slow
def test_a_mail_server_that_is_down_for_a_day_gets_every_mail_once_it_is_back(post: Post) -> None:
    post.server.answers["MAIL"] = "421 4.3.2 not now"
    ended = []
    for _ in range(10):
        ended.append(post.chat())
        post.end(ended[-1])
        post.later(timedelta(hours=2))
    post.later(timedelta(hours=6))
    assert post.server.mails == []
    post.server.answers.clear()
    ended.append(post.chat())
    post.end(ended[-1])
    for _ in range(30):
        post.later(timedelta(minutes=1))
    assert sorted(int(str(each["Subject"]).split()[1].rstrip(":")) for each in post.server.mails) == sorted(ended)
    assert {delivery(post, each).state for each in ended} == {"done"}


def test_the_subject_is_a_template_and_one_line(post: Post) -> None:
    post.outcome = EmailOutcome(enabled=True, address=PORTAL, subject="{NAME}\r\nBcc: x@example.com {MENU_PATH}")
    post.end(post.chat())
    [mail] = post.later()
    assert (mail["Subject"], mail["Bcc"]) == ("Jane Doe Bcc: x@example.com Developers/James", None)


def test_the_receipt(post: Post) -> None:
    chat = post.chat()
    post.end(chat)
    [mail] = post.later()
    assert delivery(post, chat).receipt == {"message_id": mail["Message-ID"], "answer": "2.0.0 Ok: queued as 4711"}


def test_a_test_mail(post: Post) -> None:
    assert post.mail.send_test("admin@example.com").answer == "2.0.0 Ok: queued as 4711"
    assert [str(each["To"]) for each in post.server.mails] == ["admin@example.com"]
    post.server.answers["RCPT"] = "550 5.1.1 nobody here"
    with pytest.raises(MailError) as failed:
        post.mail.send_test("admin@example.com")
    assert failed.value.said == "5.1.1 nobody here"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://patchbay.example:8443", "patchbay.example"),
        ("http://127.0.0.1:8000", "[127.0.0.1]"),
        ("http://[::1]:8000", "[IPv6:::1]"),
    ],
)
def test_how_we_introduce_ourselves(url: str, name: str) -> None:
    assert smtp_name(url) == name


def delivery(post: Post, session_id: int) -> deliveries.Delivery:
    with post.database.read() as connection:
        [found] = [each for each in deliveries.of_sessions(connection, [session_id]) if each.destination == "email"]
    return found
