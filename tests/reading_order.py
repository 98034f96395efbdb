"""Checks that texts of other people don't reorder a page's own words."""

from playwright.sync_api import Frame, Page

NASTY = (
    "\u202eAda",  # overrides what follows, and never ends
    "\u202d\u05d0\u05d1 12",
    "\u2067Ada 12",
    "\u2069\u202eAda",  # ends the isolation that it stands in, first
    "\u202eAda\u2069\u202e",
    "\u2066\u2069\u2069\u2069\u202eAda",
    "\u202c\u202e\u202e\u202bAda",
    "\u05d0\u05d3\u05d4 12",  # right to left, with nothing odd about it
    "\u0639\u0644\u064a (12)",
)
"""Texts that turn their neighbours around where they can."""

_OURS_OUT_OF_ORDER = """() => {
  const blockOf = (node) => {
    let each = node.parentElement;
    while (getComputedStyle(each).display === "inline") each = each.parentElement;
    return each;
  };
  const blocks = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    if (node.parentElement.closest("bdi, [dir], script, option, pre, .visually-hidden")) continue;
    const block = blockOf(node);
    if (!blocks.has(block)) blocks.set(block, []);
    const range = document.createRange();
    for (let index = 0; index < node.length; index += 1) {
      range.setStart(node, index);
      range.setEnd(node, index + 1);
      const { left, top, width } = range.getBoundingClientRect();
      if (width) blocks.get(block).push({ left, top });
    }
  }
  const isBefore = (one, other) => other && one.top === other.top && one.left < other.left;
  const isTurned = (all) => all.some((each, index) => isBefore(each, all[index - 1]));
  return [...blocks].filter(([, all]) => isTurned(all)).map(([block]) => block.textContent);
}"""


def out_of_order(page: Page | Frame) -> list[str]:
    """Return the blocks in which the page's own words don't run from left to right any more."""
    found: list[str] = page.evaluate(_OURS_OUT_OF_ORDER)
    return found
