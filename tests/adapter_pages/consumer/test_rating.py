import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from adapter_pages.consumer import rating
from host.errors import FieldsError
from host.events import tabs
from host.queues import tree
from host.sessions import ratings
from host.sessions.ratings import Rating
from tests.adapter_pages.browser import Script, Watch, pages_app, services_of, wait_until
from tests.adapter_pages.conftest import Office

HOST = "https://localhost"
QUESTIONS = ("Did we help?", "What could be better?")


def test_reads_what_was_said() -> None:
    given = {"rating": "5", "feedback": " Great \n", "survey_0": "Yes", "survey_1": "", "survey_9": "?"}
    answers = ({"question": "Did we help?", "answer": "Yes"},)
    assert rating.read(given, QUESTIONS) == Rating(5, "Great", answers)
    assert rating.read({"feedback": "Hm"}, ()) == Rating(None, "Hm")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "rating"),
        ({"feedback": "  "}, "rating"),
        ({"rating": "6"}, "rating"),
        ({"rating": "five"}, "rating"),
        ({"feedback": "x" * 5_001}, "feedback"),
        ({"rating": "1", "survey_1": "x" * 2_001}, "survey_1"),
        ({"feedback": "a\x00b"}, "feedback"),
    ],
)
def test_refuses_what_says_nothing_or_too_much(given: dict[str, str], field: str) -> None:
    with pytest.raises(FieldsError) as refused:
        rating.read(given, QUESTIONS)
    assert set(refused.value.fields) == {field}


@pytest.fixture
def client(office: Office, tmp_path: Path) -> FlaskClient:
    app = pages_app(services_of(office, tmp_path), with_assets=False)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    return client


def get(client: FlaskClient, path: str = "/consumer/") -> str:
    return client.get(path, base_url=HOST).text


def post(client: FlaskClient, path: str, **form: str) -> int:
    return client.post(path, data=form, base_url=HOST).status_code


def test_a_chat_is_rated_after_its_end(client: FlaskClient, office: Office) -> None:
    with office.database.write() as connection:
        tree.upsert(connection, ("Support", "Web"), settings={"survey": list(QUESTIONS)})
    post(client, "/consumer/chats", name="Ada", queue="Support / Web")
    assert re.search(r'<form class="rate"[^>]* hidden>', get(client))
    [offer] = office.desk().offers
    session_id = offer.about.session_id
    office.offers.answer(session_id, office.agent_id)
    office.chats.end(session_id, by="agent", agent_id=office.agent_id)
    shown = get(client)
    assert re.search(r'<form class="rate"[^>]*"/consumer/rating">', shown)
    assert all(question in shown for question in QUESTIONS)
    assert post(client, "/consumer/rating", rating="9") == 422
    assert post(client, "/consumer/rating", rating="4", feedback="Fine", survey_1="Nothing") == 303
    assert "Thank you for your feedback." in get(client)
    with office.database.read() as connection:
        answers = ({"question": QUESTIONS[1], "answer": "Nothing"},)
        assert ratings.of_session(connection, session_id) == Rating(4, "Fine", answers)


def test_without_a_chat_there_is_nothing_to_rate(client: FlaskClient) -> None:
    assert post(client, "/consumer/rating", rating="5") == 401


def test_a_new_chat_knows_name_and_contact(client: FlaskClient) -> None:
    post(client, "/consumer/chats", name="Ada Lovelace", email="ada@example.com", queue="Support / Web")
    post(client, "/consumer/new")
    form = get(client)
    assert "Start chat" in form
    assert 'value="Ada Lovelace"' in form
    assert 'value="ada@example.com"' in form
    assert 'value="Grace"' in get(client, "/consumer/?name=Grace")


def test_says_that_nobody_is_there(client: FlaskClient, office: Office) -> None:
    with office.database.write() as connection:
        tabs.forget_all(connection)
    post(client, "/consumer/chats", queue="Support / Web")
    assert "Nobody is here right now." in get(client)


def test_the_form_shows_when_the_chat_ends(page: Page, url: str, office: Office, watch: Watch) -> None:
    script = Script(page, "/consumer/socket")
    page.goto(f"{url}/consumer/?name=Ada+Lovelace")
    page.get_by_role("button", name="Start chat").click()
    expect(page.get_by_role("button", name="End chat")).to_be_visible()
    expect(page.get_by_role("radiogroup", name="Rating")).to_be_hidden()
    wait_until(page, lambda: bool(script.heard), "connected")
    state = '<p data-open="false" data-can-rate="true">James Bond has ended the chat.</p>'
    script.send(op="regions", html={"chat-state": state})
    page.get_by_role("radiogroup", name="Rating").get_by_role("radio", name="5").check(force=True)
    page.get_by_role("textbox", name="Feedback").fill("Thank you")
    expect(page.get_by_role("button", name="Submit")).to_be_visible()
    expect(page.get_by_role("button", name="New chat")).to_be_visible()
    assert watch.problems == []
