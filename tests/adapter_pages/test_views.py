import posixpath
import re
from pathlib import Path, PurePosixPath

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from adapter_pages.agent import views
from host.db.tables import sessions
from host.queues import tree
from host.settings.document.model import Settings
from host.users import directory
from tests.adapter_pages.browser import PASSWORD, PageServices, pages_app, services_of
from tests.adapter_pages.conftest import Office

STATIC = Path(__file__).resolve().parents[2] / "static"
CHAT = "/agent/?type=chat&from=custom"


@pytest.fixture
def services(office: Office, tmp_path: Path) -> PageServices:
    return services_of(office, tmp_path)


@pytest.fixture
def client(services: PageServices) -> FlaskClient:
    app = pages_app(services, with_assets=False)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.environ_base["wsgi.url_scheme"] = "https"  # the cookies are for secure places only
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    return client


def sign_in(client: FlaskClient, email: str = "agent@example.com") -> None:
    client.post("/sign-out", base_url="https://localhost")
    found = re.search(r'name="csrf_token" value="([^"]+)"', get(client, CHAT)[1])
    assert found
    form = {"email": email, "password": PASSWORD, "next": CHAT, "csrf_token": found[1]}
    assert client.post("/sign-in", data=form, base_url="https://localhost").status_code == 303


def get(client: FlaskClient, path: str) -> tuple[int, str]:
    answer = client.get(path, base_url="https://localhost")
    return answer.status_code, answer.text


def test_signed_out_the_adapter_is_the_sign_in_form_that_leads_back(client: FlaskClient) -> None:
    status, text = get(client, CHAT)
    assert status == 200
    assert 'name="next" value="/agent/?type=chat&amp;from=custom"' in text


def test_the_consumers_browser_is_noted_for_the_diagnostics(client: FlaskClient, services: PageServices) -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    form = {"name": "Ada", "queue": "Support / Web"}
    answer = client.post("/consumer/chats", data=form, base_url="https://localhost", headers={"User-Agent": firefox})
    assert answer.status_code == 303
    with services.database.read() as connection:
        details = connection.execute(select(sessions.c.details)).scalar_one()
    assert details["browser"] == "Firefox on Linux"


def test_signed_in_it_shows_what_there_is(client: FlaskClient, office: Office) -> None:
    session_id = office.answered("Ada Lovelace")
    office.write(session_id, "Good morning")
    sign_in(client)
    status, text = get(client, CHAT)
    assert status == 200
    assert "Good morning" in text
    assert 'aria-label="Chats"' in text


@pytest.mark.parametrize("path", ["/agent/", "/agent/?type=fax&from=custom", "/agent/?type=chat&from=zendesk"])
def test_a_wrong_address_is_a_400_that_helps(client: FlaskClient, path: str, services: PageServices) -> None:
    services.settings.settings = Settings.model_validate({"crm": {"type": "custom"}})
    status, text = get(client, path)
    assert status == 400
    assert "/agent/?type=chat&amp;from=custom" in text


def test_somebody_who_is_no_agent_is_told_so(client: FlaskClient, office: Office) -> None:
    with office.database.write() as connection:
        directory.upsert(connection, "admin@example.com", name="M", roles=["admin"], password=PASSWORD)
    sign_in(client, "admin@example.com")
    status, text = get(client, CHAT)
    assert status == 403
    assert "no agent role" in text


def test_the_trace_is_for_the_sessions_own_agent(client: FlaskClient, office: Office) -> None:
    session_id = office.answered()
    with office.database.write() as connection:
        directory.upsert(connection, "agent2@example.com", name="Q", roles=["agent"], password=PASSWORD)
    sign_in(client, "agent2@example.com")
    assert get(client, f"/agent/sessions/{session_id}/trace")[0] == 404
    sign_in(client)
    assert get(client, f"/agent/sessions/{session_id}/trace")[0] == 200


def test_the_pages_hold_no_inline_script_or_style(client: FlaskClient, office: Office) -> None:
    office.answered()
    sign_in(client)
    for path in (CHAT, "/agent/?type=call&from=custom", "/consumer/"):
        _, text = get(client, path)
        scripts = re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>", text)
        assert scripts == []
        assert not re.search(r"<style|\sstyle=|\son\w+=", text)


def test_a_started_chat_is_opened_by_a_cookie_that_works_in_frames(client: FlaskClient, office: Office) -> None:
    answer = client.post(
        "/consumer/chats", data={"name": "Ada", "queue": "Support / Web"}, base_url="https://localhost"
    )
    assert (answer.status_code, answer.location) == (303, "/consumer/")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-patchbay-consumer=")
    assert {"Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"} <= set(cookie.split("; "))
    assert "Connecting you" in get(client, "/consumer/")[1]
    assert client.post("/consumer/ticket", base_url="https://localhost").json.keys() == {"ticket"}  # type: ignore[union-attr]
    client.post("/consumer/new", base_url="https://localhost")
    assert "Start chat" in get(client, "/consumer/")[1]


def test_a_closed_queue_says_so_and_another_topic_is_open(client: FlaskClient, office: Office) -> None:
    with office.database.write() as connection:
        closed = {"business_hours": {}, "closed_message": "Back on Monday."}
        tree.upsert(connection, ("Support", "Web"), settings=closed)
    form = get(client, "/consumer/")[1]
    assert ">Support / Web (closed now)</option>" in form
    assert ">Developers / James</option>" in form
    client.post("/consumer/chats", data={"queue": "Support / Web"}, base_url="https://localhost")
    shown = get(client, "/consumer/")[1]
    assert "Back on Monday." in shown
    assert 'data-open="false"' in shown
    client.post("/consumer/new", base_url="https://localhost")
    assert "Developers / James" in get(client, "/consumer/")[1]


def test_a_double_click_is_one_chat_which_both_answers_may_open(client: FlaskClient, office: Office) -> None:
    found = re.search(r'name="form_key" value="([^"]+)"', get(client, "/consumer/")[1])
    assert found
    form = {"name": "Ada", "queue": "Support / Web", "form_key": found[1]}
    for _ in range(2):
        answer = client.post("/consumer/chats", data=form, base_url="https://localhost")
        assert (answer.status_code, answer.location) == (303, "/consumer/")
    assert "Connecting you" in get(client, "/consumer/")[1]
    with office.database.read() as connection:
        assert connection.execute(select(sessions.c.id)).scalars().all() == [1]


def test_another_browser_gets_nothing_by_the_forms_key(client: FlaskClient, services: PageServices) -> None:
    form = {"name": "Ada", "queue": "Support / Web", "form_key": "k1"}
    other = client.application.test_client()
    ids = []
    for browser in (client, other):
        browser.get("/consumer/", base_url="https://localhost")
        ids.append(browser.post("/consumer/chats", json=form, base_url="https://localhost").get_json()["chat_id"])
    assert ids == [1, 2]


def test_a_program_starts_a_chat_with_json(client: FlaskClient) -> None:
    body = {"name": "Ada", "queue": "Support / Web", "custom_data": {"order": 12}}
    answer = client.post("/consumer/chats", json=body, base_url="https://localhost")
    assert (answer.status_code, answer.json) == (201, {"chat_id": 1})


def test_a_program_is_told_which_fields_are_wrong(client: FlaskClient) -> None:
    answer = client.post("/consumer/chats", json={"email": 7, "queue": "?"}, base_url="https://localhost")
    assert answer.status_code == 422
    assert set(answer.json["fields"]) == {"email", "queue"}  # type: ignore[index]
    assert client.post("/consumer/chats", json=[], base_url="https://localhost").status_code == 400


def test_without_a_chat_there_is_no_ticket(client: FlaskClient) -> None:
    assert client.post("/consumer/ticket", base_url="https://localhost").status_code == 401


def test_custom_data_in_the_address_that_cannot_be_read_is_said_at_once(client: FlaskClient) -> None:
    assert "is not JSON, at line 1, column 2" in get(client, "/consumer/?custom_data={")[1]
    assert "cannot be trusted" in get(client, "/consumer/?custom_data_jwt=x.y.z")[1]


def test_without_queues_the_page_says_what_is_missing(client: FlaskClient, office: Office) -> None:
    from host.db.tables import queue_agents, queues

    with office.database.write() as connection:
        connection.execute(queue_agents.delete())
        connection.execute(queues.delete())
    assert "There is no queue to chat in yet" in get(client, "/consumer/")[1]


def test_all_modules_of_the_adapter_are_fetched_at_once() -> None:
    found, waiting = set[str](), [views.SCRIPT]
    while waiting:
        name = waiting.pop()
        text = (STATIC / name).read_text("utf-8")
        folder = PurePosixPath(name).parent
        paths = re.findall(r'from "(\.[\w./]+)"', text)
        imported = {posixpath.normpath(folder / path) for path in paths} - found
        found |= imported
        waiting += imported

    assert set(views.MODULES) == found
