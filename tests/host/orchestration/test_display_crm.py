"""The display URL of settings that are not saved yet is followed hop by hop, through a real server."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from host.orchestration import display_crm
from host.settings.document.model import Settings
from tests.serving import served

SHELL = "https://patchbay.example"


class Pages(BaseHTTPRequestHandler):
    """A CRM whose home page leads to a sign-in page that refuses frames."""

    def do_HEAD(self) -> None:
        home = self.path == "/home"
        self.send_response(302 if home else 200)
        if home:
            self.send_header("Location", "/sign-in")
        if self.path == "/sign-in":
            self.send_header("X-Frame-Options", "SAMEORIGIN")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def crm() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    with served(server):
        yield f"127.0.0.1:{server.server_port}"


def words(crm: str, path: str, **given: Any) -> str:
    document = {
        "crm": {"allow_private_addresses": True, **given},
        "display_crm": {"enabled": True, "url": f"http://{crm}{path}"},
    }
    checked = display_crm.check(Settings.model_validate(document), SHELL)
    assert checked is not None
    return display_crm.words(checked).replace(crm, "crm.example")


def test_the_hop_and_the_header_are_named(crm: str) -> None:
    assert words(crm, "/home") == (
        "the page does not show in a frame: crm.example forbids it (X-Frame-Options) "
        "(crm.example (302), crm.example (200)); agents are offered a new window instead"
    )


def test_a_page_that_may_be_framed_is_told_too(crm: str) -> None:
    assert words(crm, "/open?agent={AGENT_CUSTOM_ID}") == "the page may be framed (crm.example (200))"


def test_every_hop_is_guarded_like_any_request(crm: str) -> None:
    assert words(crm, "/open", allow_private_addresses=False).startswith(
        "whether the page may be framed is unknown: crm.example was asked in vain: "
    )


def test_a_host_that_may_not_pop_is_not_asked(crm: str) -> None:
    assert "crm.example is not one of crm.page_hosts" in words(crm, "/open", page_hosts=["other.example"])


def test_nothing_is_asked_while_it_is_off() -> None:
    assert display_crm.check(Settings(), SHELL) is None
