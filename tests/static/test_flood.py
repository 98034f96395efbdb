"""The airlock under load: early messages, junk from everywhere, a day's worth of events."""

import random

import pytest
from playwright.sync_api import CDPSession, Frame, Page, expect

from tests.static.conftest import Place, Watch
from tests.static.test_airlock import CHAT, adapter, open_shell, pop, report, target

JUNK = 10_000
SEED = 20260501
PATIENCE_MS = 60_000  # on a busy machine

# Posts what it is told to, `count` of each kind in turn. The kinds that hold an event look like one of ours.
POST_JUNK = """
({ count, kinds, seed, to }) => {
  const at = { parent, top }[to];
  const data = { recordUrl: "%(crm)s/records/13" };
  const event = JSON.stringify({ type: "CRM_Record_Pop", data, meta: { id: "x" } });
  const nested = (levels) => "[".repeat(levels) + "]".repeat(levels);
  let state = seed;
  const random = (most) => { state = (state * 48271) %% 2147483647; return state %% most; };
  const text = () => Array.from({ length: random(200) }, () => String.fromCharCode(random(0x10000))).join("");
  const make = {
    event: () => event,
    text,
    long: () => `"${"x".repeat(1 << 20)}"`,
    deep: () => nested(33 + random(2000)),
    deepest: () => nested(20000),
    cut: () => event.slice(0, random(event.length - 1)),
    number: () => random(1000),
    nothing: () => [null, undefined, true, NaN, 10n][random(5)],
    object: () => ({ type: "CRM_Record_Pop", data: { recordUrl: "x" } }),
    array: () => [event],
    binary: () => new Uint8Array(random(1000)).buffer,
    untyped: () => JSON.stringify({ type: [random(9), {}, null, "__proto__", "constructor"][random(5)], data: {} }),
    unfilled: () => JSON.stringify({ type: "New_Chat", data: [null, [], 7, "x", { chat_id: null }][random(5)] }),
  };
  for (let i = 0; i < count; i += 1) at.postMessage(make[kinds[i %% kinds.length]](), "*");
}
"""
FORGED = ["event", "event", "text", "object", "cut"]  # from where nothing is listened to, the form doesn't matter
ODD = ["text", "deep", "deepest", "cut", "number", "nothing", "object", "array", "binary", "untyped", "unfilled"]


def nested_frame(frame: Frame, sandbox: str = "") -> Frame:
    """Put a frame into a frame; sandboxed, its origin is opaque."""
    make = """sandbox => {
      const made = document.createElement("iframe");
      if (sandbox) made.setAttribute("sandbox", sandbox);
      document.body.append(made);
      return made;
    }"""
    element = frame.evaluate_handle(make, sandbox).as_element()
    assert element
    content = element.content_frame()
    assert content
    content.wait_for_load_state()
    return content


@pytest.mark.parametrize("run", range(10))
def test_a_thousand_early_messages_are_handled_in_order(shell: Page, place: Place, watch: Watch, run: int) -> None:
    place.early = 1000
    place.vendors = {
        "counts": """
from patchbay import on
came = []

@on("New_Chat", "End_Chat")
def count(event, shell):
    came.append(event.data["chat_id"])
    if event.type == "End_Chat":
        shell.log("came: " + str(came == list(range(1001))))
"""
    }
    open_shell(shell, place)
    end = {"type": "End_Chat", "data": {**CHAT, "chat_id": 1000}}
    adapter(shell).evaluate("message => parent.postMessage(JSON.stringify(message), '*')", end)
    expect(shell.get_by_role("log", name="Events")).to_contain_text("came: True", timeout=PATIENCE_MS)
    assert report(shell)["handled"] == 1001
    assert report(shell)["reasons"] == {}
    assert watch.problems == []


def test_ten_thousand_junk_messages_from_everywhere_do_no_harm(shell: Page, place: Place, watch: Watch) -> None:
    open_shell(shell, place)
    pop(shell, f"{place.crm}/records/42")
    expect(shell.get_by_role("tab")).to_have_count(1)
    before = shell.locator("body").evaluate("body => body.querySelectorAll('*').length")
    script = POST_JUNK % {"crm": place.crm}
    random_seed = random.Random(SEED)
    senders: list[tuple[Frame, str, list[str]]] = [
        (target(shell), "parent", FORGED),  # a foreign origin, and a sibling of the adapters
        (nested_frame(target(shell)), "top", FORGED),  # nested in it
        (nested_frame(adapter(shell)), "top", FORGED),  # the right origin, the wrong frame
        (nested_frame(shell.main_frame, "allow-scripts"), "parent", FORGED),  # an opaque origin
        (shell.main_frame, "parent", FORGED),  # the page itself
        (adapter(shell), "parent", ODD),  # an adapter that has lost its mind
        (adapter(shell), "parent", ["long"]),
    ]
    counts = [1600] * 6 + [400]
    for (frame, to, kinds), count in zip(senders, counts, strict=True):
        given = {"count": count, "kinds": kinds, "seed": random_seed.randrange(1, 2**31 - 1), "to": to}
        frame.evaluate(script, given)

    handled_and_refused = "() => Object.values(JSON.parse(bus.report()).reasons).reduce((sum, each) => sum + each, 0)"
    shell.get_by_role("button", name="Why?", exact=True).click()
    summary = f"1 taken, {sum(counts)} ignored since this page was opened."
    expect(shell.locator("#why-summary")).to_have_text(summary, timeout=PATIENCE_MS)
    assert shell.evaluate(handled_and_refused) == JUNK
    reasons = report(shell)["reasons"]
    assert reasons["an origin that is not an adapter's"] == 3 * 1600
    assert reasons["a window that is not an adapter's frame"] == 2 * 1600
    assert reasons["too long"] >= 400
    shell.get_by_role("button", name="Close", exact=True).click()

    pop(shell, f"{place.crm}/records/43")
    expect(shell.get_by_role("tab")).to_have_text(["records 42", "records 43"])
    log = shell.get_by_role("log", name="Events")
    expect(log).to_contain_text("records/43")
    assert log.locator(".shell-entry").count() < 80
    after = shell.locator("body").evaluate("body => body.querySelectorAll('*').length")
    assert after - before < 700
    assert watch.problems == []


MEMORY = """
import gc
from patchbay import on

@on("End_Chat")
def weigh(event, shell):
    gc.collect()
    shell.log("used " + str(gc.mem_alloc()))
"""
POST_EVENTS = """
async ({ from, to, data }) => {
  for (let i = from; i < to; i += 1) {
    const message = { type: "New_Chat", data: { ...data, chat_id: i }, meta: { id: `event-${i}`, seq: i } };
    parent.postMessage(JSON.stringify(message), "*");
    if (i % 500 === 499) await new Promise((done) => setTimeout(done)); // so that the log gets its turn
  }
}
"""
PER_EVENT_BYTES = 20  # what may stay of one: a fifth of what a leaked text would


def post_events(page: Page, first: int, last: int) -> None:
    adapter(page).evaluate(POST_EVENTS, {"from": first, "to": last, "data": CHAT})
    end = {"type": "End_Chat", "data": {**CHAT, "chat_id": last}}
    adapter(page).evaluate("message => parent.postMessage(JSON.stringify(message), '*')", end)
    log = page.get_by_role("log", name="Events")
    expect(log.locator(".shell-entry-line").filter(has_text=f"End_Chat: chat {last}")).to_have_count(
        1, timeout=PATIENCE_MS
    )


def weigh(page: Page, devtools: CDPSession) -> tuple[int, int, int]:
    """Return bytes of JavaScript, bytes of Python and the number of nodes, after everything unused is gone."""
    devtools.send("HeapProfiler.collectGarbage")
    script = devtools.send("Runtime.getHeapUsage")["usedSize"]
    nodes = devtools.send("Memory.getDOMCounters")["nodes"]
    used = page.get_by_role("log", name="Events").get_by_text("used ").last.inner_text()
    return int(script), int(used.removeprefix("used ")), int(nodes)


@pytest.mark.parametrize("events", [10_000, pytest.param(100_000, marks=[pytest.mark.drill, pytest.mark.timeout(300)])])
def test_memory_stays_flat(shell: Page, place: Place, watch: Watch, events: int) -> None:
    place.vendors = {"memory": MEMORY}
    open_shell(shell, place)
    devtools = shell.context.new_cdp_session(shell)
    devtools.send("HeapProfiler.enable")
    post_events(shell, 0, 5000)  # until all tables are as full as they get
    before = weigh(shell, devtools)
    post_events(shell, 5000, 5000 + events)
    after = weigh(shell, devtools)
    print("bytes of JavaScript, bytes of Python, nodes:", before, after)
    allowed = 500_000 if events < 50_000 else PER_EVENT_BYTES * events // 2
    assert after[0] - before[0] < allowed
    assert after[1] - before[1] < allowed
    assert after[2] - before[2] < 1000
    assert report(shell)["handled"] == events + 5000 + 2
    assert watch.problems == []
