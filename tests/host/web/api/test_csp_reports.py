"""Reports of browsers about our policies: counted by kind of page and directive, and nothing else is kept."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright

from host.web import inputs
from host.web.security import csp_reports
from host.web.security.csp_reports import keys, reports
from tests.adapter_pages.browser import FLAGS, executable, wait_until
from tests.adapter_pages.live import LiveHost
from tests.host.web.api.conftest import Gateway
from tests.host.web.api.test_metrics import figures

PERSON = "https://patchbay.example/consumer/?name=Ada&phone=%2B12223334444"
OLD = {"csp-report": {"document-uri": PERSON, "effective-directive": "img-src", "blocked-uri": "https://x.example/Ada"}}
NEW = {"type": "csp-violation", "body": {"documentURL": PERSON, "effectiveDirective": "script-src-elem"}}


@pytest.mark.parametrize(
    ("found", "counted"),
    [
        (OLD, [("consumer", "img-src")]),
        ([NEW, NEW], [("consumer", "script-src-elem")] * 2),
        (
            {"csp-report": {"document-uri": "https://x/shell/", "violated-directive": "frame-src 'self'"}},
            [("shell", "frame-src")],
        ),
        ({"csp-report": {"document-uri": "https://x/agent/", "effective-directive": "Ada"}}, [("adapter", "other")]),
        ({"csp-report": {"document-uri": "about", "effective-directive": 7}}, [("portal", "other")]),
        ({"csp-report": {"document-uri": "https://[", "effective-directive": "img-src"}}, [("other", "img-src")]),
        ({"csp-report": {"blocked-uri": "chrome-extension://abc/x.js", "effective-directive": "img-src"}}, []),
        ({"csp-report": {"source-file": "moz-extension", "effective-directive": "img-src"}}, []),
        ({"csp-report": [7]}, []),
        ({}, []),
        ([None, 7, "x", []], []),
        (None, []),
    ],
)
def test_of_a_report_only_page_and_directive_count(found: Any, counted: list[tuple[str, str]]) -> None:
    assert list(keys(found)) == counted


@pytest.fixture
def browser(gateway: Gateway) -> Gateway:
    gateway.prefix = ""
    return gateway


def tell(browser: Gateway, body: str, kind: str = "application/csp-report") -> int:
    return browser.send("POST", "/csp-reports", headers={"Content-Type": kind}, data=body).status_code


def test_reports_are_counted_without_what_they_say(browser: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    before = reports.counts().get(("consumer", "img-src"), 0)
    assert tell(browser, json.dumps(OLD)) == 204
    assert tell(browser, json.dumps([NEW]), "application/reports+json") == 204
    found = figures(browser)
    assert found["patchbay_csp_reports_total img-src consumer"] == before + 1
    text = browser.send("GET", "/metrics").text + caplog.text
    assert "Ada" not in text
    assert "2223334444" not in text


@pytest.mark.parametrize("body", ["{", "[" * 5000, '{"a": "\\ud800"}', f'"{"x" * inputs.LARGEST_REPORT_BYTES}"'])
def test_what_is_no_report_is_refused(browser: Gateway, body: str) -> None:
    assert tell(browser, body) in {400, 422}


def test_they_have_a_budget(browser: Gateway) -> None:
    browser.services.settings.import_file({"version": 1, "budgets": {"csp_reports_per_minute": 2}})
    assert [tell(browser, json.dumps(OLD)) for _ in range(4)] == [204, 204, 429, 429]


def test_a_browser_sends_them_by_itself(tmp_path: Path, playwright: Playwright) -> None:
    host = LiveHost(tmp_path)
    chromium = playwright.chromium.launch(executable_path=executable(playwright), args=FLAGS)
    page = chromium.new_page()
    key = ("consumer", "img-src")
    before = csp_reports.reports.counts().get(key, 0)
    page.goto(f"{host.origin}/consumer/?name=Ada")
    page.evaluate("() => { new Image().src = 'https://elsewhere.example/'; }")
    wait_until(page, lambda: reports.counts().get(key, 0) == before + 1, "the browser's report")
    chromium.close()
    host.stop()
