"""Benchmark: from navigation to registered listeners, in the shell, with a fresh and a used browser."""

from playwright.sync_api import BrowserContext

from bench.run import Row, Series, at_most_times, rounds
from bench.world import World, page_of

ROUNDS = 8
PRIMING = 1
PAGES = {
    "product": "/shell/",
    "plain JavaScript": "/shell/bench/plain/",
    "raw MicroPython": "/shell/bench/raw/",
}
NOTE_READY = """
if (window === top) window.ready = new Promise((resolve) => {
  document.addEventListener("patchbay:ready", () => resolve(performance.now()), { once: true });
});
"""


Times = dict[str, list[float]]
"""Milliseconds by page."""


def measure(world: World) -> list[Row]:
    """Load the three pages alternately."""
    return [*_rows("cold", _cold(world)), *_rows("warm", _warm(world))]


def _rows(name: str, times: Times) -> list[Row]:
    product = Series("the shell", times["product"])
    plain, raw = (Series(page, times[page]) for page in ("plain JavaScript", "raw MicroPython"))
    return [
        Row(f"listeners ready, {name}", product, raw, at_most_times(1.8)),
        Row(f"listeners ready, {name}", product, plain),
    ]


def _cold(world: World) -> Times:
    times: Times = {name: [] for name in PAGES}
    with world.browser() as browser:
        state = world.signed_in(browser)
        for _ in rounds(ROUNDS):
            for name, path in PAGES.items():
                with world.fresh(browser, state) as context:
                    times[name].append(_load(context, path))
    return times


def _warm(world: World) -> Times:
    times: Times = {name: [] for name in PAGES}
    with world.profile() as context:
        for turn in rounds(PRIMING + ROUNDS, least=PRIMING + 5):
            for name, path in PAGES.items():
                took = _load(context, path)
                if turn >= PRIMING:
                    times[name].append(took)
    return times


def _load(context: BrowserContext, path: str) -> float:
    with page_of(context, NOTE_READY) as page:
        page.goto(path, wait_until="commit")
        return float(page.evaluate("ready"))
