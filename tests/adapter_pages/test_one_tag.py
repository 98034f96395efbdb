"""embed.js and consumer.js in other companies' pages: pages that swap their body, and pages with strange elements."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.adapter_pages.browser import Site, Watch, loaded, wait_until

SWAPS = {
    "replaceWith": "body => document.body.replaceWith(body)",
    "document.body": "body => { document.body = body; }",
    "replaceChild": "body => document.documentElement.replaceChild(body, document.body)",
    "children": "body => document.body.replaceChildren(...body.children)",
}
NEW_BODY = """(tag) => {
  const body = document.createElement("body");
  body.append(Object.assign(document.createElement("h1"), { textContent: "Next page" }));
  const record = Object.assign(document.createElement("iframe"), { name: "second" });
  body.append(record);
  if (tag) {
    const script = document.createElement("script");
    Object.assign(script, { src: tag, onload: () => { window.isRun = true; } });
    script.dataset.target = "second";
    body.append(script);
  }
  return body;
}"""


def swap(page: Page, how: str, tag: str = "") -> None:
    page.evaluate(f"tag => ({SWAPS[how]})(({NEW_BODY})(tag))", tag)
    expect(page.get_by_role("heading", name="Next page")).to_be_visible()


@pytest.mark.parametrize("how", SWAPS)
def test_a_page_that_swaps_its_body_keeps_the_dock_and_reloads_nothing(
    page: Page, site: Site, how: str, watch: Watch
) -> None:
    site.markup = f'<body><h1>Page</h1><script src="{site.host}/embed.js"></script></body>'
    page.goto(site.url)
    for name in ("call_adapter", "chat_adapter"):
        loaded(page, name).evaluate("window.mark = 1")
    for _ in range(2):
        swap(page, how, f"{site.host}/embed.js")
    for name in ("call_adapter", "chat_adapter"):
        assert loaded(page, name).evaluate("window.mark") == 1
    page.get_by_role("button", name="Chat adapter").click()
    expect(page.locator('iframe[name="chat_adapter"]')).to_be_hidden()
    assert watch.problems == []  # no word of a second tag: it came with the new body


def test_the_tag_of_the_new_body_says_where_records_pop(page: Page, site: Site) -> None:
    site.markup = (
        f'<body><iframe name="first"></iframe><script src="{site.host}/embed.js" data-target="first"></script>'
    )
    page.goto(site.url)
    swap(page, "replaceWith", f"{site.host}/embed.js")
    record = json.dumps({"type": "CRM_Record_Pop", "data": {"recordUrl": f"{site.url}/#12"}, "meta": {"id": "1"}})
    wait_until(page, lambda: bool(page.evaluate("window.isRun")), "the new body's tag has run")
    loaded(page, "chat_adapter").evaluate("([text, to]) => parent.postMessage(text, to)", [record, site.url])
    expect(page.locator('iframe[name="second"]')).to_have_attribute("src", f"{site.url}/#12")


def test_a_dock_that_is_thrown_out_comes_back(page: Page, site: Site) -> None:
    site.markup = f'<body><h1>Page</h1><script src="{site.host}/embed.js"></script></body>'
    page.goto(site.url)
    loaded(page, "chat_adapter")
    page.evaluate("document.documentElement.replaceChildren(document.createElement('body'))")
    expect(page.locator("patchbay-dock")).to_have_count(1)
    expect(page.frame_locator('iframe[name="chat_adapter"]').get_by_role("button", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("script", ["embed.js", "consumer.js"])
def test_a_second_tag_beside_the_first_does_nothing_and_says_so(
    page: Page, site: Site, script: str, watch: Watch
) -> None:
    tag = f'<script src="{site.host}/{script}"></script>'
    site.markup = f"<body>{tag}{tag}</body>"
    page.goto(site.url)
    wait_until(page, lambda: bool(watch.problems), "the warning")
    assert watch.problems == [f"Patchbay: {script} stands in this page twice; the second one does nothing."]
    expect(page.locator("patchbay-dock, patchbay-consumer")).to_have_count(1)


@pytest.mark.parametrize("how", SWAPS)
def test_a_page_that_swaps_its_body_keeps_the_consumers_chat(page: Page, site: Site, how: str, watch: Watch) -> None:
    site.markup = f'<body><h1>Page</h1><script src="{site.host}/consumer.js"></script></body>'
    page.goto(site.url)
    page.get_by_role("button", name="Chat with us").click()
    loaded(page, "patchbay_consumer").evaluate("window.mark = 1")
    swap(page, how, f"{site.host}/consumer.js")
    assert loaded(page, "patchbay_consumer").evaluate("window.mark") == 1
    page.get_by_role("button", name="Minimise").click()
    expect(page.locator("iframe[name=patchbay_consumer]")).to_be_hidden()
    assert watch.problems == []


CLOBBERED = (
    '<img name="currentScript" src="data:evil">',
    '<form name="currentScript"><input name="src" value="https://evil.example/x"></form>',
    '<iframe name="currentScript"></iframe>',
    '<embed name="currentScript">',
    '<img name="readyState"><img name="documentElement">',
    '<a id="Patchbay"></a><a id="PatchbayConsumer"></a>',
    '<iframe name="Patchbay"></iframe><iframe name="PatchbayConsumer"></iframe>',
)


@pytest.mark.parametrize("element", CLOBBERED)
@pytest.mark.parametrize("script", ["embed.js", "consumer.js"])
def test_no_element_of_the_page_stands_in_for_our_tag(page: Page, site: Site, element: str, script: str) -> None:
    site.markup = f'<body>{element}<script src="{site.host}/{script}"></script></body>'
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site.url)
    if script == "consumer.js":
        page.get_by_role("button", name="Chat with us").click()
    frame = loaded(page, "chat_adapter" if script == "embed.js" else "patchbay_consumer")
    assert frame.url.startswith(f"{site.host}/")
    assert not [each for each in asked if "evil.example" in each]
