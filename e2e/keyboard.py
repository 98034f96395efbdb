"""Works with pages by keyboard alone, and watches that the focus is always somewhere, and visible."""

from playwright.sync_api import Locator, Page

MOST_STOPS = 160
HAS_FOCUS = """
(element) => {
  for (let view = window; view !== view.parent; view = view.parent) {
    if (view.parent.document.activeElement !== view.frameElement) return false;
  }
  return element === document.activeElement;
}
"""
FOCUSED = """
() => {
  let element = document.activeElement;
  while (element?.tagName === "IFRAME" && element.contentDocument) element = element.contentDocument.activeElement;
  if (!element || element.tagName === "BODY") return { what: "nothing", isVisible: false };
  const what = `${element.tagName} ${element.id || element.name || element.textContent.trim().slice(0, 40)}`;
  if (element.tagName === "IFRAME") return { what, isVisible: true }; // a page of another origin shows its own focus
  const view = element.ownerDocument.defaultView;
  const { top, bottom, width, height } = element.getBoundingClientRect();
  const { outlineStyle, outlineWidth } = view.getComputedStyle(element);
  const problems = [
    !element.matches(":focus-visible") && "isn't shown as focused",
    (outlineStyle === "none" || parseFloat(outlineWidth) < 2) && "has no outline",
    !(width > 0 && height > 0 && bottom > 0 && top < view.innerHeight) && `is out of view (${top} to ${bottom})`,
  ];
  return { what: `${what} ${problems.filter(Boolean).join(", ")}`, isVisible: !problems.some(Boolean) };
}
"""


class Keyboard:
    """An agent's keyboard in one page.

    Each key that isn't Tab must leave the focus on a control with a visible outline.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self.problems: list[str] = []
        """Stops of the Tab key that can't be seen."""

    def go_to(self, control: Locator) -> None:
        """Press Tab until a control has the focus, at most once around the page."""
        control.wait_for()
        for _ in range(MOST_STOPS):
            if control.count() == 1 and control.evaluate(HAS_FOCUS):
                return
            self._page.keyboard.press("Tab")
            self._note_stop()
        raise AssertionError(f"the Tab key doesn't come to {control}")

    def press(self, key: str) -> None:
        """Press a key where the focus is."""
        self._page.keyboard.press(key)

    def use(self, control: Locator, key: str = "Enter") -> None:
        """Go to a control and press a key."""
        self.go_to(control)
        self.press(key)

    def write(self, control: Locator, text: str) -> None:
        """Go to a field and type."""
        self.go_to(control)
        self._page.keyboard.type(text)

    def choose(self, control: Locator, option: str) -> None:
        """Go to a list and type the beginning of an option."""
        self.write(control, option)

    def expect_focus(self) -> None:
        """See that a control has the focus, and where; soon after the page has changed."""
        for _ in range(50):
            found = self._focused()
            if found["isVisible"]:
                return
            self._page.wait_for_timeout(100)
        raise AssertionError(f"the focus can't be seen: {found['what']}")

    def _note_stop(self) -> None:
        found = self._focused()
        if (
            not found["isVisible"] and found["what"] != "nothing"
        ):  # after the last control the browser's own bar follows
            self.problems.append(str(found["what"]))

    def _focused(self) -> dict[str, str | bool]:
        found: dict[str, str | bool] = self._page.evaluate(FOCUSED)
        return found
