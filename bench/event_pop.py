"""Benchmark: from a posted CRM_Record_Pop to the start of the record frame's navigation."""

from playwright.sync_api import Page

from bench.run import Row, Series, at_most_times
from bench.world import World, page_of, vendors_frame

POPS = 40
BLOCKS = 4
GAP_MS = 50
NOTE_READY = """
if (window === top) window.ready = new Promise((resolve) => {
  document.addEventListener("patchbay:ready", resolve, { once: true });
  if (location.pathname.endsWith("/reference/")) addEventListener("load", resolve);
});
"""
PAGES = {"product": "/shell/", "the reference's snippet": "/shell/bench/reference/"}


def measure(world: World) -> list[Row]:
    """Pop records in both pages alternately."""
    times: dict[str, list[float]] = {name: [] for name in PAGES}
    with world.profile() as context, page_of(context, NOTE_READY) as page:
        for block in range(BLOCKS):
            for name, path in PAGES.items():
                times[name] += _pop(world, page, path, block * POPS)
    product, snippet = (Series(name, times[name]) for name in PAGES)
    return [Row("event to pop", product, snippet, at_most_times(1.25))]


def _pop(world: World, page: Page, path: str, first: int) -> list[float]:
    page.goto(path)
    page.evaluate("ready.then(() => null)")
    frame = vendors_frame(page, world.vendor)
    # The first pop of a page starts the process that shows the CRM.
    frame.evaluate("([first, gap]) => pop(1, first, gap)", [first, GAP_MS])
    times: list[float] = frame.evaluate(
        "([pops, first, gap]) => pop(pops, first, gap)", [POPS // BLOCKS, first + 1, GAP_MS]
    )
    return times
