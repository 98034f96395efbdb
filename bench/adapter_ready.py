"""Benchmark: from navigation to a usable chat adapter (shown, scripts run, socket accepted), and its bytes."""

from playwright.sync_api import BrowserContext, Page

from bench.run import Row, Series, at_most_times, median_at_most, rounds
from bench.world import World, page_of

ROUNDS = 15
PRIMING = 2
MOST_KB = 120
PAGES = {"product": "/agent/?type=chat&from=custom", "an empty page": "/agent/bench/empty"}
NOTE_READY = """
window.ready = new Promise((resolve) => {
  if (location.pathname.endsWith("/empty")) {
    addEventListener("load", () => resolve(performance.now()), { once: true });
    return;
  }
  const isReady = () => document.body?.classList.contains("is-connected") && resolve(performance.now());
  new MutationObserver(isReady).observe(document, { attributes: true, attributeFilter: ["class"], subtree: true });
});
"""

Times = dict[str, list[float]]
"""Milliseconds by page."""


def measure(world: World) -> list[Row]:
    """Load the adapter and an empty page alternately."""
    cold, transferred = _cold(world)
    size = Row("adapter, transferred cold", *_series(transferred), median_at_most(MOST_KB), unit="kB")
    return [_row("cold", cold), _row("warm", _warm(world)), size]


def _row(name: str, times: Times) -> Row:
    return Row(f"adapter ready, {name}", *_series(times), at_most_times(2))


def _series(times: Times) -> tuple[Series, Series]:
    return Series("the chat adapter", times["product"]), Series("an empty page", times["an empty page"])


def _cold(world: World) -> tuple[Times, Times]:
    times: Times = {name: [] for name in PAGES}
    transferred: Times = {name: [] for name in PAGES}
    with world.browser() as browser:
        state = world.signed_in(browser)
        for _ in rounds(ROUNDS):
            for name, path in PAGES.items():
                with world.fresh(browser, state) as context, page_of(context, NOTE_READY) as page:
                    sizes = _noted_sizes(page)
                    times[name].append(_load(page, path))
                    page.wait_for_load_state()
                    transferred[name].append(sum(sizes) / 1000)
    return times, transferred


def _warm(world: World) -> Times:
    times: Times = {name: [] for name in PAGES}
    with world.profile() as context:
        for turn in rounds(PRIMING + ROUNDS, least=PRIMING + 5):
            for name, path in PAGES.items():
                took = _loaded_anew(context, path)
                if turn >= PRIMING:
                    times[name].append(took)
    return times


def _loaded_anew(context: BrowserContext, path: str) -> float:
    with page_of(context, NOTE_READY) as page:
        return _load(page, path)


def _load(page: Page, path: str) -> float:
    page.goto(path, wait_until="commit")
    return float(page.evaluate("ready"))


def _noted_sizes(page: Page) -> list[float]:
    """Return a list that receives the size of each answer on the wire, with headers, in bytes."""
    sizes: list[float] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    return sizes
