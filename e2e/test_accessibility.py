"""axe finds nothing serious on any page, whatever its width and colours."""

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Frame, expect

from e2e.pages.consumer import ConsumerPage
from e2e.pages.shell import ShellPage
from e2e.pages.sign_in import SignInPage
from e2e.product import Product

AXE = Path(__file__).resolve().parents[1] / "node_modules" / "axe-core" / "axe.min.js"
RUN = """
async () => {
  const { violations } = await axe.run(document, { iframes: false, resultTypes: ["violations"] });
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => [id, nodes.map(({ target, failureSummary }) => `${target}: ${failureSummary}`)]);
}
"""
LOOKS = [(1280, "light"), (1280, "dark"), (320, "light"), (320, "dark"), (3840, "light")]


def check(frame: Frame, what: str) -> None:
    """Check one frame, without the frames in it."""
    # Not as an init script: that runs in a frame's first empty document, which axe would go on checking.
    if not frame.evaluate("() => 'axe' in window"):
        frame.evaluate(f"{AXE.read_text()}\n;0")
    found: list[Any] = frame.evaluate(RUN)
    assert found == [], what


SHOTS = os.environ.get("PATCHBAY_SCREENSHOTS")


def check_looks(context: BrowserContext, frames: dict[str, Frame]) -> None:
    for width, scheme in LOOKS:
        page = next(iter(frames.values())).page
        page.set_viewport_size({"width": width, "height": 2160 if width == 3840 else 800})
        # Without motion, since colours are wrong during a transition.
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        for name, frame in frames.items():
            check(frame, f"{name}, {width} px, {scheme}")
        if SHOTS:
            name = next(iter(frames)).replace(" ", "-").replace(",", "")
            page.screenshot(path=f"{SHOTS}/{name}-{width}-{scheme}.png")
        overflow = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, f"{width} px: the page is wider than the window"


def frame(shell: ShellPage, name: str) -> Frame:
    found = shell.page.frame(name=name)
    assert found
    found.wait_for_selector("h1", state="attached")
    return found


def test_signing_in(agent_context: BrowserContext) -> None:
    page = agent_context.new_page()
    page.goto("/")
    expect(SignInPage(page).button).to_be_visible()
    check_looks(agent_context, {"sign-in": page.main_frame})


def test_a_chat_from_both_sides(
    agent_context: BrowserContext, consumer_context: BrowserContext, shell: ShellPage, consumer: ConsumerPage
) -> None:
    consumer.page.goto("/consumer/")
    check_looks(consumer_context, {"consumer, start": consumer.page.main_frame})
    frames = {name: frame(shell, name) for name in ("call_adapter", "chat_adapter")}
    frames = {"shell": shell.page.main_frame, **frames}
    check_looks(agent_context, {f"{name}, quiet": each for name, each in frames.items()})

    consumer.start_chat("Felix Leiter", "+12125550171", "felix@example.com")
    expect(shell.chat.answer_button).to_be_visible()
    check_looks(agent_context, {f"{name}, offered": each for name, each in frames.items()})

    shell.page.set_viewport_size({"width": 1280, "height": 800})
    shell.chat.answer()
    shell.expect_record_of("Felix Leiter", "+12125550171")
    consumer.send("Is this James?")
    shell.chat.send("Bond, James Bond.")
    shell.page.get_by_role("button", name="Pin tab").click()
    check_looks(agent_context, {f"{name}, in a chat": each for name, each in frames.items()})
    check_looks(consumer_context, {"consumer, in a chat": consumer.page.main_frame})

    shell.page.set_viewport_size({"width": 1280, "height": 800})
    shell.page.get_by_role("button", name="Why?", exact=True).click()
    check(shell.page.main_frame, "shell, why")
    shell.page.keyboard.press("Escape")
    shell.chat.end()


def test_a_rating_and_the_next_chat_of_the_same_person(
    agent_context: BrowserContext,
    consumer_context: BrowserContext,
    shell: ShellPage,
    consumer: ConsumerPage,
    product: Product,
) -> None:
    def ask(document: dict[str, Any]) -> None:
        [queue] = [queue for queue in document["queues"] if queue["name"] == "Developers"]
        queue["queues"][0]["survey"] = ["Was James polite?"]

    product.change_settings(ask)
    consumer.start_chat("Vesper Lynd", "+12125550172", "vesper@example.com")
    shell.chat.answer()
    shell.chat.send("Good evening.")
    shell.chat.end()
    rating = consumer.page.get_by_role("radiogroup", name="Rating")
    expect(rating).to_be_visible()
    expect(consumer.page.get_by_role("textbox", name="Was James polite?")).to_be_visible()
    check_looks(consumer_context, {"consumer, rating": consumer.page.main_frame})
    consumer.page.get_by_role("button", name="Submit").click()
    expect(consumer.page.get_by_role("alert")).to_be_visible()
    check_looks(consumer_context, {"consumer, rating without stars": consumer.page.main_frame})
    rating.get_by_role("radio", name="5").check(force=True)
    consumer.page.get_by_role("button", name="Submit").click()
    expect(rating).to_be_hidden()
    check_looks(consumer_context, {"consumer, rated": consumer.page.main_frame})

    shell.page.set_viewport_size({"width": 1280, "height": 800})
    consumer.page.get_by_role("button", name="New chat").click()
    expect(consumer.page.get_by_role("button", name="Start chat")).to_be_visible()
    consumer.start_chat("Vesper Lynd", "+12125550172", "vesper@example.com")
    shell.chat.answer()
    earlier = shell.chat.frame.get_by_text("Earlier: last session")
    earlier.press("Enter")
    expect(shell.chat.frame.locator(".earlier-sessions li")).to_be_visible()
    check_looks(agent_context, {"chat_adapter, earlier sessions": frame(shell, "chat_adapter")})
    shell.page.set_viewport_size({"width": 1280, "height": 800})
    shell.chat.end()


def test_developer_settings(agent_context: BrowserContext) -> None:
    page = agent_context.new_page()
    page.goto("/portal/settings/developer")
    SignInPage(page).sign_in("admin@example.com")
    page.goto("/portal/settings/developer")
    page.get_by_role("textbox", name="Lookup URL for phone calls and SMS").fill("no address")
    page.get_by_role("button", name="Save Changes").click()
    expect(page.locator(".field-error")).to_be_visible()
    expect(page.get_by_role("textbox", name="Lookup URL for phone calls and SMS")).to_be_focused()
    check_looks(agent_context, {"developer settings, refused": page.main_frame})
    page.get_by_role("textbox", name="Lookup URL for phone calls and SMS").fill("")
    page.get_by_role("checkbox", name="Display CRM in Portal").check()
    page.get_by_role("textbox", name="Display URL").fill("http://localhost:1/")
    page.get_by_role("button", name="Check the page").click()
    expect(page.get_by_role("alert")).to_be_focused()
    check_looks(agent_context, {"developer settings, checked": page.main_frame})
