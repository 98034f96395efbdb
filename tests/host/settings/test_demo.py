"""The demo's settings against the real starter CRM."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from crm_shell.starter_crm.app import create_app
from host.crm.http.answer import Answer
from host.crm.request import build
from host.crm.request.request import Request
from host.crm.response import hits
from host.crm.response.hits import Hit
from host.crm.settings.crm import CrmSettings, EndpointName
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.variables import Context, SessionFile, Variables
from host.settings.demo import DEMO_QUEUES, demo_document

KEY = "key-of-the-crm"
MARKER = "01JTESTMARKER0000000000000"
CALLER = Context(
    session_id=103646,
    channel="chat",
    now=datetime(2026, 5, 1, 10, 0, tzinfo=UTC),
    session_type="Messaging (Web)",
    name="James Bond",
    email="james.bond@agents.co",
    phone="+12223334444",
)


@pytest.fixture
def crm() -> CrmSettings:
    document = demo_document(8001, KEY, {})
    return CrmSettings.model_validate(document["crm"])


@pytest.fixture
def starter(tmp_path: Path) -> FlaskClient:
    return create_app(tmp_path, KEY, ["http://127.0.0.1:8000"]).test_client()


@dataclass(frozen=True)
class Desk:
    """Asks the starter CRM what the demo's settings say."""

    crm: CrmSettings
    starter: FlaskClient

    def ask(self, name: EndpointName, context: Context = CALLER, **facts: Any) -> list[Hit]:
        endpoint = self.crm.endpoint(name)
        assert endpoint is not None
        return self.send(endpoint, replace(context, **facts), for_find=name.startswith("find_"))

    def send(self, endpoint: Endpoint, context: Context, *, for_find: bool) -> list[Hit]:
        request = build.render(endpoint, Variables(context, for_find=for_find))
        assert isinstance(request, Request)
        headers, content = request.sent
        sent = self.starter.open(
            request.url, method=request.method, headers={**headers, "X-Api-Key": KEY}, data=content
        )
        assert sent.status_code < 300, sent.text
        return hits.read(endpoint, Answer(sent.status_code, dict(sent.headers), sent.data, 1))


@pytest.fixture
def desk(crm: CrmSettings, starter: FlaskClient) -> Desk:
    return Desk(crm, starter)


def test_an_account_is_made_and_found_again(desk: Desk) -> None:
    assert desk.ask("find_account_by_query") == []
    (made,) = desk.ask("create_account", marker=MARKER)
    assert made.object["name"] == "James Bond"
    assert [hit.id for hit in desk.ask("find_account_by_query", email="")] == [made.id]
    assert [hit.id for hit in desk.ask("find_account_by_query", phone="")] == [made.id]
    assert [hit.id for hit in desk.ask("find_account_by_id", account_id=made.id)] == [made.id]


@pytest.mark.parametrize(
    ("create", "find"),
    [("create_account", "find_account_by_query"), ("create_record", "find_record_by_query")],
)
def test_what_was_made_is_found_by_its_marker(desk: Desk, create: EndpointName, find: EndpointName) -> None:
    (made,) = desk.ask(create, marker=MARKER, account_id="tmp-1")
    search = desk.crm.endpoint(find)
    assert search is not None
    (alternative,) = search.alternatives
    marked = replace(CALLER, marker=MARKER)
    assert [hit.id for hit in desk.send(alternative, marked, for_find=True)] == [made.id]
    other = replace(CALLER, marker="01JOTHERMARKER000000000000")
    assert desk.send(alternative, other, for_find=True) == []


def test_a_record_is_made_found_changed_and_commented(desk: Desk) -> None:
    (account,) = desk.ask("create_account", marker="account")
    (record,) = desk.ask("create_record", account_id=account.id, marker=MARKER)
    known = replace(CALLER, account_id=account.id, record_id=record.id)
    assert record.object["subject"] == "Messaging (Web) via Patchbay"
    assert [hit.id for hit in desk.ask("find_record_by_query", known)] == [record.id]
    assert [hit.id for hit in desk.ask("find_record_by_id", known)] == [record.id]
    (changed,) = desk.ask("update_record", known, rating=5)
    assert changed.object["rating"] == 5
    (comment,) = desk.ask("add_comment", known, comment_body="Hi!", marker="comment")
    assert (comment.object["body"], comment.object["external_id"]) == ("Hi!", "comment")


def test_a_file_is_uploaded(desk: Desk) -> None:
    (record,) = desk.ask("create_record", account_id="tmp-1", marker=MARKER)
    file = SessionFile(
        name="chat-103646.txt", type="text/plain", kind="chat_transcripts", size_bytes=3, read=lambda: b"Hi!"
    )
    (made,) = desk.ask("upload_file", record_id=record.id, file=file, marker="file")
    assert (made.object["name"], made.object["external_id"]) == ("chat-103646.txt", "file")


def test_only_the_crms_pages_may_embed_the_host() -> None:
    document = demo_document(9001, KEY, {})
    assert document["embedding"] == {"allowed_origins": ["http://localhost:9001"]}


def test_both_agents_work_in_all_queues() -> None:
    queues = demo_document(8001, KEY, {})["queues"]
    assert [(queue["name"], queue["queues"][0]["name"]) for queue in queues] == list(DEMO_QUEUES)
    assert {tuple(queue["queues"][0]["agents"]) for queue in queues} == {("agent@example.com", "agent2@example.com")}
