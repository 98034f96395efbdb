"""What consumer.js knows about a visitor comes into the form by message: to our own window only, and in no address."""

import json

from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.sync_api import Frame, Page, Route, expect

from host.settings.document.model import Settings
from tests.adapter_pages.browser import PageServices, Site, Watch, loaded, wait_until
from tests.adapter_pages.conftest import Office

NAME = "Ada & <Lovelace>"
DATA = {"type": "Consumer_Data", "data": {"name": "Mallory", "email": "mallory@example.com"}}


def opened(page: Page) -> Frame:
    page.get_by_role("button", name="Chat with us").click()
    return loaded(page, "patchbay_consumer")


def test_it_fills_the_form_in_and_stands_in_no_address(page: Page, site: Site, office: Office, watch: Watch) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    site.markup = (
        f"<body><script src='{site.host}/consumer.js' data-queue='support/web' data-name='{NAME}' "
        "data-phone='+12223334444' data-email='ada@example.com' "
        """data-custom-data='{"order": 12}'></script></body>"""
    )
    page.goto(site.url)
    form = opened(page)
    expect(form.get_by_role("textbox", name="Name")).to_have_value(NAME)
    expect(form.get_by_role("textbox", name="Phone")).to_have_value("+12223334444")
    expect(form.get_by_role("textbox", name="E-mail")).to_have_value("ada@example.com")
    expect(form.get_by_role("combobox", name="Queue")).to_have_value("Support / Web")
    form.get_by_role("button", name="Start chat").click()
    expect(form.get_by_text("Connecting you")).to_be_visible()
    (offer,) = office.desk().offers
    assert offer.about.caller == NAME
    assert [(entry.label, entry.value) for entry in offer.about.custom_data] == [("order", "12")]
    assert not [url for url in asked if "Ada" in url or "2223334444" in url or "order" in url]
    assert {url for url in asked if "/consumer/" in url and "?" in url} == set()


def test_signed_data_comes_the_same_way(page: Page, site: Site, services: PageServices) -> None:
    secret = "a secret of the company's, 32 bytes and more"
    embedding = services.settings.settings.embedding
    services.settings.settings = Settings.model_validate({"company_secret_jwt": secret, "embedding": embedding})
    claims = {"custom_data": {"order": 12}, "exp": 4102444800}
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    site.markup = f"<body><script src='{site.host}/consumer.js' data-custom-data-jwt='{token}'></script></body>"
    page.goto(site.url)
    form = opened(page)
    expect(form.locator("input[name=custom_data_jwt]")).to_have_value(token)
    expect(form.get_by_role("alert")).to_have_count(0)
    assert not [url for url in asked if token in url]


def test_wrong_data_is_named_before_anything_is_sent(page: Page, site: Site) -> None:
    site.markup = f"<body><script src='{site.host}/consumer.js' data-custom-data='broken'></script></body>"
    page.goto(site.url)
    expect(opened(page).get_by_role("alert")).to_contain_text("custom_data is not JSON")


def test_what_the_visitor_has_typed_stays(page: Page, site: Site) -> None:
    held: list[Route] = []
    page.route("**/consumer/form", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    given = "data-name='Ada' data-phone='+12223334444'"
    site.markup = f"<body><script src='{site.host}/consumer.js' {given}></script></body>"
    page.goto(site.url)
    form = opened(page)
    form.get_by_role("textbox", name="Name").fill("Grace")
    wait_until(page, lambda: len(held) == 1, "asked")
    held[0].continue_()
    expect(form.get_by_role("textbox", name="Phone")).to_have_value("+12223334444")
    expect(form.get_by_role("textbox", name="Name")).to_have_value("Grace")


def test_whoever_is_quicker_than_our_server_still_brings_the_data(page: Page, site: Site, office: Office) -> None:
    held: list[Route] = []
    page.route("**/consumer/form", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    site.markup = f"<body><script src='{site.host}/consumer.js' data-name='Ada'></script></body>"
    page.goto(site.url)
    form = opened(page)
    wait_until(page, lambda: len(held) == 1, "asked")
    form.get_by_role("button", name="Start chat").click(no_wait_after=True)
    held[0].continue_()
    expect(form.get_by_text("Connecting you")).to_be_visible()
    assert office.desk().offers[0].about.caller == "Ada"


def test_other_windows_fill_nothing_in_and_are_told_nothing(page: Page, site: Site) -> None:
    frames = f'<iframe name="beside" src="{site.url}/empty"></iframe>'
    site.markup = f"<body>{frames}<script src='{site.host}/consumer.js' data-name='Ada'></script></body>"
    page.goto(site.url)
    form = opened(page)
    expect(form.get_by_role("textbox", name="Name")).to_have_value("Ada")
    beside = loaded(page, "beside")
    heard = "window.heard = []; addEventListener('message', (event) => heard.push(event.data))"
    beside.evaluate(heard)
    ask = json.dumps({"type": "Consumer_Ready"})
    beside.evaluate("([text, to]) => parent.postMessage(text, to)", [ask, site.url])  # not our frame
    page.evaluate("([text, to]) => postMessage(text, to)", [ask, site.url])
    send = "([text, to]) => parent.frames.patchbay_consumer.postMessage(text, to)"
    form.goto(f"{site.host}/consumer/")  # anew: it asks again, and takes one answer
    beside.evaluate(send, [json.dumps(DATA), site.host])
    expect(form.get_by_role("textbox", name="Name")).to_have_value("Ada")
    expect(form.get_by_role("textbox", name="E-mail")).to_have_value("")
    assert beside.evaluate("heard") == []


def test_a_page_that_is_not_on_the_list_fills_nothing_in(page: Page, url: str, services: PageServices) -> None:
    """Even where its frame is let in, as beside our own pages in a chain of frames."""
    services.settings.settings = Settings()
    page.goto(f"{url}/consumer/")
    page.evaluate("([text, to]) => postMessage(text, to)", [json.dumps(DATA), url])
    expect(page.get_by_role("textbox", name="Name")).to_have_value("")
