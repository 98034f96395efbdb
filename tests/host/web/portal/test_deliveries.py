"""Deliveries in the whole application: what is in trouble, and what people decide about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from host import services as wiring
from host.app import create_app
from host.commands.cli import commands
from host.commands.doctor import examine
from host.config import Config
from host.crm.intents import intents, trace
from host.crm.intents.intents import Intent
from host.crm.intents.trace import MASK, Secrets, TraceRow
from host.db.engine import Database
from host.db.tables import intents as intents_table
from host.db.tables import jobs
from host.deliveries import deliveries
from host.errors import NotFoundError
from host.files import session_files
from host.files.session_files import NewSessionFile
from host.jobs import job_rows
from host.jobs.job_rows import Job
from host.reports import failed_items
from host.reports.failed_items import FailedItem
from host.services import Services
from host.users import directory
from host.users.roles import Role
from tests.databases import lay_migrated_tables
from tests.host.crm.world import World
from tests.host.web.people import PAGE, PASSWORD, csrf_token, sign_in

DELIVERIES = "/portal/deliveries"
ERROR = {"code": "crm_unavailable", "message": "answered 503", "endpoint": "create_account", "at": ""}


@dataclass
class Site:
    app: Flask
    config: Config
    services: Services
    world: World

    def client(self, *roles: Role) -> FlaskClient:
        email = f"{roles[0]}@example.com"
        with self.services.database.write() as connection:
            directory.upsert(connection, email, name="M", roles=list(roles), password=PASSWORD)
        client = self.app.test_client()
        assert sign_in(client, email).status_code == 303
        return client

    def trouble(self, step: str = "account", **values: Any) -> Intent:
        session_id = self.world.session()
        found = self.world.intent(session_id, step)
        values = {"state": "failed", "error": ERROR, "tries": 3, **values}
        with self.services.database.write() as connection:
            connection.execute(update(intents_table).where(intents_table.c.id == found.id).values(**values))
        return self.world.intent(session_id, step)

    def dead_job(self) -> Any:
        session_id = self.world.session(starts=False)
        now = self.services.clock.now()
        with self.services.database.write() as connection:
            job_rows.plan(connection, [Job("after_session", session_id, now)])
            job_rows.take(connection, now, 1)
            job_rows.fail(connection, f"after_session-{session_id}", "no luck", now)
            return connection.execute(select(jobs)).one()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    config = Config.from_env({}, data=tmp_path)
    database = Database(config.database_url)
    lay_migrated_tables(database)
    database.close()
    services = wiring.build(config)
    yield Site(create_app(config, services), config, services, World(services.database))
    services.stop()


def decide(client: FlaskClient, intent: Intent, verb: str, **fields: str) -> int:
    form = {"csrf_token": csrf_token(client), **fields}
    return client.post(f"{DELIVERIES}/{intent.id}/{verb}", data=form, headers=PAGE).status_code


def test_says_that_nothing_is_in_trouble(site: Site) -> None:
    page = site.client("admin").get(DELIVERIES, headers=PAGE).text
    assert "Nothing is in trouble." in page
    assert "No job has failed." in page


def test_shows_error_tries_and_next_try(site: Site) -> None:
    due_at = site.services.clock.now() + timedelta(minutes=5)
    site.trouble(state="due", due_at=due_at)
    page = site.client("supervisor").get(DELIVERIES, headers=PAGE).text
    assert "The CRM has an error of its own (create_account, answered 503)." in page
    assert due_at.strftime("%H:%M:%S") in page
    assert "<dd>3</dd>" in page


def test_shows_nothing_personal(site: Site) -> None:
    site.trouble()
    page = site.client("admin").get(DELIVERIES, headers=PAGE).text
    assert "James" not in page
    assert "2223334444" not in page


def test_tries_again_at_once(site: Site) -> None:
    failed = site.trouble()
    assert decide(site.client("admin"), failed, "again") == 303
    assert site.world.intent(failed.session_id).tries == 0


def test_an_unknown_outcome_is_looked_for_before_it_is_tried_again(site: Site) -> None:
    waiting = site.trouble(state="waiting", sent_at=site.services.clock.now())
    client = site.client("admin")
    assert "It exists" in client.get(DELIVERIES, headers=PAGE).text
    with site.services.database.write() as connection:
        intents.resume(connection, waiting, site.services.clock.now())
    assert site.world.intent(waiting.session_id).state == "unknown"


def test_takes_the_word_that_it_exists(site: Site) -> None:
    waiting = site.trouble(state="waiting", sent_at=site.services.clock.now())
    assert decide(site.client("supervisor"), waiting, "exists", crm_id="A-12") == 303
    found = site.world.intent(waiting.session_id)
    assert (found.state, found.result.id) == ("done", "A-12")


def test_needs_the_id_of_what_exists(site: Site) -> None:
    waiting = site.trouble(state="waiting", sent_at=site.services.clock.now())
    assert decide(site.client("admin"), waiting, "exists") == 422
    assert site.world.intent(waiting.session_id).state == "waiting"


def test_what_is_done_is_not_sent_again(site: Site) -> None:
    assert decide(site.client("admin"), site.trouble(state="done", result={"id": 1}), "send-again") == 409


def test_there_is_no_other_delivery(site: Site) -> None:
    client = site.client("admin")
    form = {"csrf_token": csrf_token(client)}
    assert client.post(f"{DELIVERIES}/999/again", data=form, headers=PAGE).status_code == 404


@pytest.mark.parametrize("path", ["1/again", "1/exists", "1/send-again", "1/discard", "jobs/1/again"])
def test_refuses_a_forged_form(site: Site, path: str) -> None:
    site.trouble()
    assert site.client("admin").post(f"{DELIVERIES}/{path}", headers=PAGE).status_code == 400


def test_what_waits_for_another_crm_is_named_so_and_can_only_be_discarded(site: Site) -> None:
    waiting = site.trouble(state="due", tries=0, error=None, crm_key="old.crm.example")
    client = site.client("supervisor")
    page = client.get(DELIVERIES, headers=PAGE).text
    assert "Account: waits for another CRM (old.crm.example) than the settings name." in page
    assert "Waits for another CRM" in page
    assert f"{DELIVERIES}/{waiting.id}/again" not in page
    wrong = [finding.line() for finding in examine(site.config) if finding.is_wrong]
    assert [line for line in wrong if "waits for another CRM (old.crm.example)" in line]
    assert decide(client, waiting, "discard") == 303
    assert site.world.intent(waiting.session_id).state == "done"
    assert decide(client, waiting, "discard") == 409
    with site.services.database.read() as connection:
        [row] = trace.rows(connection, waiting.session_id)[:1]
    assert "discarded by user 1: account, planned for old.crm.example" in row.decision


def test_all_that_waits_for_another_crm_is_discarded_at_once(site: Site) -> None:
    waiting = [site.trouble(step, state="due", crm_key="old.crm.example") for step in ("account", "record")]
    stays = site.trouble()
    client = site.client("admin")
    page = client.get(DELIVERIES, headers=PAGE).text
    assert "2 steps wait for it. The settings name no CRM." in page
    form = {"csrf_token": csrf_token(client), "crm_key": "old.crm.example"}
    assert client.post(f"{DELIVERIES}/discard", data=form, headers=PAGE).status_code == 303
    assert [site.world.intent(each.session_id, each.step).state for each in waiting] == ["done", "done"]
    assert site.world.intent(stays.session_id).state == "failed"
    assert "Another CRM" not in client.get(DELIVERIES, headers=PAGE).text


def test_work_of_the_crm_that_the_settings_name_is_not_discarded_at_once(site: Site) -> None:
    client = site.client("admin")
    form = {"csrf_token": csrf_token(client), "crm_key": ""}
    assert client.post(f"{DELIVERIES}/discard", data=form, headers=PAGE).status_code == 409


def test_what_has_failed_can_be_discarded(site: Site) -> None:
    failed = site.trouble("record")
    assert decide(site.client("admin"), failed, "discard") == 303
    assert "Nothing is in trouble." in site.client("admin").get(DELIVERIES, headers=PAGE).text


def test_a_failed_job_runs_again_once(site: Site) -> None:
    dead, client = site.dead_job(), site.client("admin")
    assert "no luck" in client.get(DELIVERIES, headers=PAGE).text
    form = {"csrf_token": csrf_token(client)}
    path = f"{DELIVERIES}/jobs/{dead.id}/again"
    answers = [client.post(path, data=form, headers=PAGE).status_code for _ in range(2)]
    assert answers == [303, 409]
    with site.services.database.read() as connection:
        assert job_rows.is_any_due(connection, site.services.clock.now())


def test_the_doctor_lists_dead_letters(site: Site) -> None:
    failed, dead = site.trouble(), site.dead_job()
    wrong = [finding.line() for finding in examine(site.config) if finding.is_wrong]
    assert [line for line in wrong if f"Delivery of session {failed.session_id}: account: The CRM has an" in line]
    assert [line for line in wrong if f"Job after_session-{dead.session_id}: no luck" in line]


def test_a_refused_step_says_what_the_crm_said_and_counts_its_try(site: Site) -> None:
    error = {**ERROR, "code": "crm_rejected", "message": "answered 422", "said": "<b>Subject</b> is too long"}
    failed = site.trouble(error=error, tries=1)
    page = site.client("admin").get(DELIVERIES, headers=PAGE).text
    assert "(create_account, answered 422): &#34;&lt;b&gt;Subject&lt;/b&gt; is too long&#34;." in page
    assert "<dd>1</dd>" in page
    assert f'href="/portal/sessions/{failed.session_id}/trace"' in page
    assert [each for each in examine(site.config) if '"<b>Subject</b> is too long"' in each.line()]


def told(site: Site) -> int:
    session_id = site.world.session()
    request = {"headers": {"X-Api-Key": "planted"}, "body": {"email": "james.bond@agents.co"}}
    row = TraceRow(
        site.world.now, "create_account", "created: 7", "POST", "https://crm.example/a", request, 201, 12, [7]
    )
    with site.services.database.write() as connection:
        trace.write(connection, session_id, row, Secrets())
    return session_id


def test_a_sessions_trace_is_json(site: Site) -> None:
    session_id = told(site)
    answer = site.client("supervisor").get(f"/portal/sessions/{session_id}/trace")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.json
    [item] = answer.json["items"]
    assert answer.json["session_id"] == session_id
    assert item.pop("at").endswith("Z")
    assert item == {
        "endpoint": "create_account",
        "decision": "created: 7",
        "method": "POST",
        "url": "https://crm.example/a",
        "request": {"headers": {"X-Api-Key": MASK}, "body": {"email": "james.bond@agents.co"}},
        "status": 201,
        "took_ms": 12,
        "read_out": [7],
        "is_masked": False,
    }


def test_a_trace_says_nobodys_name_once_the_session_has_ended(site: Site) -> None:
    session_id = told(site)
    with site.services.database.write() as connection:
        trace.mask_session(connection, session_id)
    assert "agents.co" not in site.client("admin").get(f"/portal/sessions/{session_id}/trace").text


def test_there_is_no_trace_of_no_session(site: Site) -> None:
    assert site.client("admin").get("/portal/sessions/4711/trace").status_code == 404


def test_the_command_prints_the_whole_trace(site: Site) -> None:
    session_id = told(site)
    printed = CliRunner().invoke(commands, ["trace", str(session_id), "--data", str(site.config.data)])
    assert printed.exit_code == 0
    first, sent, read = printed.output.splitlines()
    assert first.endswith("create_account  POST https://crm.example/a  answered 201  12 ms  created: 7")
    assert sent == f'    sent: {{"headers": {{"X-Api-Key": "{MASK}"}}, "body": {{"email": "james.bond@agents.co"}}}}'
    assert read == "    read: [7]"


def test_the_command_knows_which_sessions_there_are(site: Site) -> None:
    printed = CliRunner().invoke(commands, ["trace", "4711", "--data", str(site.config.data)])
    assert isinstance(printed.exception, NotFoundError)


def test_a_delivery_that_cannot_be_shown_hides_no_other(site: Site) -> None:
    bad = site.trouble(error={"code": None}, state="failed")
    site.trouble()
    page = site.client("admin").get(DELIVERIES, headers=PAGE).text
    assert f"Delivery {bad.id} of session {bad.session_id} can't be shown (KeyError)." in page
    assert "The CRM has an error of its own (create_account, answered 503)." in page


def test_what_could_not_be_shown_elsewhere_is_listed_until_somebody_has_seen_it(site: Site) -> None:
    item = FailedItem("event New_Chat", 45, 12, "ValueError")
    for _ in range(2):
        failed_items.note(site.services.database, [item, item], site.services.clock.now())
    client = site.client("supervisor")
    page = client.get(DELIVERIES, headers=PAGE).text
    assert page.count('<h3 id="unshown-') == 1
    assert "Event New_Chat 45" in page
    assert "Session 12" in page
    with site.services.database.read() as connection:
        [noted] = failed_items.listed(connection)
    client.post(f"{DELIVERIES}/unshown/{noted.id}/seen", data={"csrf_token": csrf_token(client)}, headers=PAGE)
    assert "New_Chat" not in client.get(DELIVERIES, headers=PAGE).text


def test_shows_files_that_did_not_arrive_and_tries_them_again(site: Site) -> None:
    session_id = site.world.session(starts=False)
    now = site.services.clock.now()
    with site.services.database.write() as connection:
        new = NewSessionFile("session_metadata", "chat-1.json", "application/json", 2, "0" * 64, "content/gone")
        deliveries.plan_file(connection, session_files.add(connection, session_id, new, now=now), now)
        [taken] = deliveries.take(connection, "storage", now, 1)
    site.services.files.courier.deliver(taken.id, taken.run)
    client = site.client("admin")
    page = client.get(DELIVERIES, headers=PAGE).text
    assert "Files and mails (1 failed)" in page
    assert "To the external storage: <bdi>write: the content to store can&#39;t be read" in page
    wrong = [finding.line() for finding in examine(site.config) if finding.is_wrong]
    assert [line for line in wrong if "deliveries that have failed: 1" in line]
    again = client.post(f"{DELIVERIES}/files/{taken.id}/again", data={"csrf_token": csrf_token(client)}, headers=PAGE)
    assert again.status_code == 303
    assert "No file and no mail is in trouble." in client.get(DELIVERIES, headers=PAGE).text
    form = {"csrf_token": csrf_token(client)}
    assert client.post(f"{DELIVERIES}/files/{taken.id}/discard", data=form, headers=PAGE).status_code == 303
    for late in (f"{taken.id}/discard", f"{taken.id}/again", "again"):
        assert client.post(f"{DELIVERIES}/files/{late}", data=form, headers=PAGE).status_code == 303
    with site.services.database.read() as connection:
        assert [each.state for each in deliveries.of_sessions(connection, [session_id])] == ["given_up"]
