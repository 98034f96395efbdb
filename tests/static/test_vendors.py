"""The vendor's listener files in the page: the same ones on both interpreters."""

import pytest
from playwright.sync_api import Page, expect

from tests.static.conftest import Place, Watch
from tests.static.test_airlock import CHAT, adapter, post

GREET = """
import helper_of_mine
from patchbay import on

@on("New_Chat")
async def greet(event, shell):
    shell.notify(helper_of_mine.words(event.data["chat_id"]))
    shell.log("greeted", "replayed" if event.meta.get("replayed") else "new")

@on("New_Chat")
async def forgetful(event, shell):
    raise KeyError("missing-key")

@on("New_Chat")
def clumsy(event, shell):
    return 1 / 0
"""
HELPER = "def words(chat_id):\n    return 'Hello, chat ' + str(chat_id)\n"
HALF = (
    "from patchbay import on\n@on('New_Chat')\ndef never(event, shell): shell.log('never')\nraise ValueError('half')\n"
)
STARTS_WITHIN_MS = {"micropython": 15_000, "pyodide": 60_000}


@pytest.mark.parametrize("runtime", ["micropython", "pyodide"])
def test_a_vendors_file_runs_beside_ours(shell: Page, place: Place, watch: Watch, runtime: str) -> None:
    place.runtime = runtime
    place.early = 3
    place.vendors = {"helper_of_mine": HELPER, "half": HALF, "broken": "def (:", "greeter": GREET}
    shell.goto(f"{place.shell}/shell/")
    expect(shell.locator("#listener-state")).to_have_text("Listening", timeout=STARTS_WITHIN_MS[runtime])
    post(adapter(shell), {"type": "New_Chat", "data": CHAT, "meta": {"id": "01HX", "replayed": True}})

    log = shell.get_by_role("log", name="Events")
    expect(shell.locator("#notice")).to_have_text("Hello, chat 73522")
    expect(log.locator(".shell-entry-line").filter(has_text="greeted")).to_have_count(4)
    expect(log).to_contain_text("Listener file half.py not loaded: ValueError")
    expect(log).to_contain_text("Listener file broken.py not loaded: SyntaxError")
    expect(log.get_by_text("never")).to_have_count(0)
    for line, reason in (
        ("forgetful failed on New_Chat: KeyError", "missing-key"),
        ("clumsy failed on New_Chat: ZeroDivisionError", "clumsy"),
    ):
        entry = log.locator(".shell-entry").filter(has_text=line).last
        entry.locator("summary").click()
        expect(entry.locator("pre")).to_contain_text("Traceback")
        expect(entry.locator("pre")).to_contain_text(reason)
    # Pyodide takes seconds to start; Chromium then doubts that what it preloaded will be used.
    assert [problem for problem in watch.problems if "was preloaded" not in problem] == []
    assert watch.hosts == {place.shell.removeprefix("http://")}
