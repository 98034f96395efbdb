"""embed.js compares a record's host with data-page-hosts in one spelling."""

import pytest
from playwright.sync_api import Browser

from static import build

POP = (build.ROOT / "static/js/embed/pop.js").read_text("utf-8")


@pytest.mark.parametrize(
    ("listed", "url", "problem"),
    [
        ("crm.example", "https://crm.example/1", ""),
        ("CRM.Example", "https://crm.example/1", ""),
        ("crm.example.", "https://crm.example/1", ""),
        ("crm.example:443", "https://crm.example/1", ""),
        ("crm.example", "https://CRM.example.:443/1", ""),
        ("[0:0:0:0:0:0:0:1]:8001", "http://[::1]:8001/1", ""),
        ("bücher.example", "https://xn--bcher-kva.example/1", ""),
        ("localhost:8001", "http://localhost:8001/1", ""),
        ("crm.example:443", "http://crm.example/1", "leads to crm.example, which"),
        ("crm.example", "https://crm.example:8443/1", "leads to crm.example:8443, which"),
        ("crm.example", "https://crm.example@evil.example/1", "names a user"),
        ("", "https://crm.example/1", "leads to crm.example, which"),
    ],
)
def test_hosts_are_compared_in_one_spelling(chromium: Browser, listed: str, url: str, problem: str) -> None:
    page = chromium.new_page()
    found = page.evaluate(f"([url, hosts]) => {{ {POP}; return problemOf(url, hosts); }}", [url, [listed]])
    page.close()
    assert found == problem if not problem else found.startswith(problem)
