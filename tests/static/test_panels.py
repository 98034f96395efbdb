"""The adapters' panels: moved by pointer and keyboard, never loaded anew."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.static.conftest import Place, Watch
from tests.static.test_airlock import adapter, open_shell

Box = dict[str, float]


def panel(page: Page, kind: str = "chat") -> Locator:
    return page.locator(f"#{kind}_adapter-panel")


def box_of(found: Locator) -> Box:
    box = found.bounding_box()
    assert box
    return {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}


def handle(page: Page, verb: str = "Move", kind: str = "chat") -> Locator:
    return page.get_by_role("button", name=f"{verb} {kind} panel")


def drag(page: Page, what: Locator, x: float, y: float) -> None:
    """Drag something by its middle to a point, slowly enough to be followed."""
    box = box_of(what)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(x, y, steps=8)
    page.mouse.up()


@pytest.fixture
def opened(shell: Page, place: Place) -> Page:
    open_shell(shell, place)
    adapter(shell).evaluate("() => { window.mark = 1; }")
    return shell


@pytest.fixture(autouse=True)
def _never_loaded_anew(shell: Page, watch: Watch) -> Iterator[None]:
    yield
    assert watch.problems == []


def is_the_same_page(page: Page) -> bool:
    return bool(adapter(page).evaluate("() => window.mark === 1"))


def test_a_panel_is_dragged_over_frames_and_floats_where_it_is_let_go(opened: Page) -> None:
    before = box_of(panel(opened))
    drag(opened, handle(opened), 400, 300)
    expect(panel(opened)).to_have_attribute("data-dock", "float")
    after = box_of(panel(opened))
    assert after["x"] < before["x"] - 200
    assert after["width"] == pytest.approx(before["width"], abs=2)
    assert is_the_same_page(opened)


@pytest.mark.parametrize(("x", "side"), [(5, "left"), (1275, "right")])
def test_a_panel_that_is_dragged_to_a_side_docks_there(opened: Page, x: float, side: str) -> None:
    drag(opened, handle(opened), 500, 300)
    drag(opened, handle(opened), x, 300)
    expect(panel(opened)).to_have_attribute("data-dock", side)
    edge = box_of(panel(opened))
    assert edge["x"] == (0 if side == "left" else 1280 - edge["width"])
    assert is_the_same_page(opened)


def test_escape_takes_a_drag_back(opened: Page) -> None:
    before = box_of(panel(opened))
    box = box_of(handle(opened))
    opened.mouse.move(box["x"] + 20, box["y"] + 10)
    opened.mouse.down()
    opened.mouse.move(300, 300, steps=4)
    expect(panel(opened)).to_have_attribute("data-dock", "float")
    opened.keyboard.press("Escape")
    opened.mouse.up()
    assert box_of(panel(opened)) == before


def test_a_finger_drags_as_well(chromium: Browser, place: Place) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, has_touch=True)
    page = context.new_page()
    open_shell(page, place)
    box = box_of(handle(page))
    touch = context.new_cdp_session(page)
    at = {"x": box["x"] + 30, "y": box["y"] + 10}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    for step in range(1, 6):
        point = {"x": at["x"] - step * 80, "y": at["y"] + step * 10}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(panel(page)).to_have_attribute("data-dock", "float")
    assert box_of(panel(page))["x"] < box["x"] - 300
    context.close()


def test_arrow_keys_move_home_and_end_dock(opened: Page) -> None:
    mover = handle(opened)
    mover.focus()
    opened.keyboard.press("Home")
    expect(panel(opened)).to_have_attribute("data-dock", "left")
    assert box_of(panel(opened))["x"] == 0
    opened.keyboard.press("ArrowRight")
    expect(panel(opened)).to_have_attribute("data-dock", "float")
    before = box_of(panel(opened))
    opened.keyboard.press("ArrowRight")
    opened.keyboard.press("Shift+ArrowDown")
    after = box_of(panel(opened))
    assert (after["x"] - before["x"], after["y"] - before["y"]) == (16, 64)
    opened.keyboard.press("End")
    expect(panel(opened)).to_have_attribute("data-dock", "right")
    expect(mover).to_be_focused()
    assert is_the_same_page(opened)


def test_a_panel_is_resized_by_pointer_and_by_keyboard(opened: Page) -> None:
    before = box_of(panel(opened))
    grip = box_of(handle(opened, "Resize"))
    opened.mouse.move(grip["x"] + 3, grip["y"] + 100)
    opened.mouse.down()
    opened.mouse.move(grip["x"] - 97, grip["y"] + 100, steps=5)
    opened.mouse.up()
    wider = box_of(panel(opened))
    assert wider["width"] == pytest.approx(before["width"] + 100, abs=2)
    handle(opened, "Resize").focus()
    opened.keyboard.press("ArrowRight")
    assert box_of(panel(opened))["width"] == pytest.approx(wider["width"] - 16, abs=2)
    opened.keyboard.press("Shift+ArrowDown")
    assert box_of(panel(opened))["height"] > wider["height"] + 30


def test_where_a_panel_is_outlives_a_reload(opened: Page) -> None:
    drag(opened, handle(opened), 400, 300)
    opened.get_by_role("button", name="Call adapter").click()
    before = box_of(panel(opened))
    opened.reload()
    expect(panel(opened, "call")).to_be_hidden()
    assert box_of(panel(opened)) == before


@pytest.mark.parametrize("kept", ["no json", "7", '{"chat_adapter-panel": 1}', '{"chat_adapter-panel": {"dock": "x"}}'])
def test_what_is_remembered_may_be_anything(opened: Page, place: Place, kept: str) -> None:
    opened.evaluate("text => localStorage.setItem('patchbay-panels', text)", kept)
    opened.reload()
    expect(panel(opened)).to_have_attribute("data-dock", "right")


def test_without_storage_panels_work_all_the_same(shell: Page, place: Place) -> None:
    forbidden = (
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    shell.add_init_script(forbidden)
    open_shell(shell, place)
    drag(shell, handle(shell), 400, 300)
    expect(panel(shell)).to_have_attribute("data-dock", "float")


def test_panels_stay_in_a_window_that_gets_smaller(opened: Page) -> None:
    drag(opened, handle(opened), 900, 600)
    opened.set_viewport_size({"width": 900, "height": 600})
    box = box_of(panel(opened))
    assert box["x"] + box["width"] <= 900
    assert box["y"] + box["height"] <= 600


def test_a_hidden_panels_toggle_counts_offers_and_unread_messages(opened: Page) -> None:
    toggle = opened.get_by_role("button", name="Chat adapter")
    tell = "detail => parent.document.dispatchEvent(new CustomEvent('patchbay:desk', { detail }))"
    adapter(opened).evaluate(tell, {"adapter": "chat", "offers": 1, "unread": 2})
    expect(toggle).to_have_text("Chat adapter")
    toggle.click()
    expect(toggle.locator(".shell-badge")).to_have_text("3")
    expect(toggle).to_have_attribute("aria-description", "1 offer, 2 unread")
    expect(toggle).to_have_accessible_name("Chat adapter")
    adapter(opened).evaluate(tell, {"adapter": "chat", "offers": "junk", "unread": None})
    adapter(opened).evaluate(tell, None)
    expect(toggle.locator(".shell-badge")).to_have_text("3")
    toggle.click()
    expect(toggle.locator(".shell-badge")).to_have_count(0)


RECORD_SOUND = """
window.tones = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...given) { window.tones += 1; return start.apply(this, given); };
window.notified = [];
window.Notification = class {
  static permission = "default";
  static async requestPermission() { this.permission = "granted"; return "granted"; }
  constructor(title, options) { notified.push([title, options.body, options.tag]); }
};
Object.defineProperty(document, "hidden", { get: () => true });
"""


def test_an_offer_flashes_the_title_rings_and_notifies_once_allowed(shell: Page, place: Place) -> None:
    shell.add_init_script(RECORD_SOUND)
    open_shell(shell, place)
    title = shell.title()
    tell = "detail => parent.document.dispatchEvent(new CustomEvent('patchbay:desk', { detail }))"
    adapter(shell).evaluate(tell, {"adapter": "chat", "offers": 1, "unread": 0})
    expect(shell).to_have_title("(1) Offer waiting")
    assert shell.evaluate("() => [tones, notified]") == [0, []]
    adapter(shell).evaluate(tell, {"adapter": "chat", "offers": 0, "unread": 0})
    expect(shell).to_have_title(title)

    ring = shell.get_by_role("button", name="Ring on offers")
    ring.click()
    expect(ring).to_have_attribute("aria-pressed", "true")
    allow = shell.get_by_role("button", name="Allow notifications")
    allow.click()
    expect(allow).to_be_hidden()
    tried = int(shell.evaluate("() => tones"))
    adapter(shell).evaluate(tell, {"adapter": "chat", "offers": 1, "unread": 0})
    expect(shell).to_have_title("(1) Offer waiting")
    assert shell.evaluate("() => notified") == [[title, "An offer waits for you.", "patchbay-offer"]]
    shell.wait_for_timeout(300)
    assert shell.evaluate("() => tones") == tried + 2
