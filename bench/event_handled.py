"""Benchmark: from an event posted by a frame of another origin to the end of the Python handler."""

from contextlib import ExitStack

from playwright.sync_api import Frame, Page

from bench.listeners_ready import NOTE_READY
from bench.run import Row, Series, at_most_times, p99_at_most
from bench.world import World, page_of, vendors_frame

EVENTS = 1000
BLOCKS = 4
"""Rounds in which the pages alternate, so that a noisy minute affects both."""
GAP_MS = 4
FRAME_MS = 16.7
PAGES = {"product": "/shell/", "plain JavaScript": "/shell/bench/plain/"}

# Added after the listeners, so it runs when they have handled a message.
NOTE_HANDLED = """() => {
  window.handled = [];
  addEventListener("message", ({ source, origin, data }) => {
    const now = performance.timeOrigin + performance.now();
    if (data.startsWith("bench: ")) source.postMessage(now, origin);
    else if (data.includes('"New_Chat"')) handled.push(now);
  });
}"""


def measure(world: World) -> list[Row]:
    """Post to both pages alternately."""
    times: dict[str, list[float]] = {name: [] for name in PAGES}
    with world.profile() as context, ExitStack() as stack:
        pages = {name: stack.enter_context(page_of(context, NOTE_READY)) for name in PAGES}
        frames = {name: _opened(world, page, PAGES[name]) for name, page in pages.items()}
        for _ in range(BLOCKS):
            for name, page in pages.items():
                times[name] += _post(page, frames[name])
    product = Series("the shell", times["product"])
    plain = Series("plain JavaScript", times["plain JavaScript"])
    return [
        Row("event to handled", product, plain, at_most_times(1.5)),
        Row("event to handled, slowest of 100", product, plain, p99_at_most(FRAME_MS)),
    ]


def _opened(world: World, page: Page, path: str) -> Frame:
    page.goto(path)
    page.evaluate("ready")
    page.evaluate(NOTE_HANDLED)
    return vendors_frame(page, world.vendor)


def _post(page: Page, frame: Frame) -> list[float]:
    page.bring_to_front()
    page.evaluate("() => { handled.length = 0; }")
    ahead = float(frame.evaluate("clock()"))  # they may be two processes
    posted = frame.evaluate("([events, gap]) => post(events, gap)", [EVENTS // BLOCKS, GAP_MS])
    frame.evaluate("clock()")  # answered when the last event has been handled
    handled = page.evaluate("handled")
    if len(handled) != len(posted):
        raise RuntimeError(f"{page.url}: {len(posted)} events were posted, {len(handled)} handled")
    return [there - ahead - here for here, there in zip(posted, handled, strict=True)]
