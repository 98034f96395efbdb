from collections.abc import Mapping
from typing import Any

import pytest

from host.crm.http.answer import Answer
from host.crm.http.client import GuardedClient
from host.errors import CrmTimeoutError
from host.lookup import framing_check

PATCHBAY = "https://patchbay.example"
PAGE = "https://crm.example/records/42"
HOSTS = frozenset({"crm.example", "login.example"})


class FakeClient(GuardedClient):
    """Answers by URL; what it doesn't know takes too long."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str]] = []

    def send(self, endpoint: str, method: str, url: str, **_more: Any) -> Answer:
        self.asked.append((method, url))
        if url not in self.answers:
            raise CrmTimeoutError(endpoint, "timed out")
        return self.answers[url]


def answer(status: int = 200, /, **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"", 1)


def refusal(answers: Mapping[str, Answer]) -> str:
    return framing_check.refusal(FakeClient(answers), PAGE, [PATCHBAY], HOSTS)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X_Frame_Options": "ALLOW-FROM https://patchbay.example"},
        {"Content_Security_Policy": "default-src 'none'"},
        {"Content_Security_Policy": "frame-ancestors https://patchbay.example"},
        {"Content_Security_Policy": "frame-ancestors 'self' patchbay.example"},
        {"Content_Security_Policy": "frame-ancestors http://patchbay.example:443"},
        {"Content_Security_Policy": "frame-ancestors *.example"},
        {"Content_Security_Policy": "frame-ancestors https:"},
        {"Content_Security_Policy": "frame-ancestors *"},
        {"Content_Security_Policy": "Frame-Ancestors https://PATCHBAY.example:*"},
        {"Content_Security_Policy": "frame-ancestors *", "X_Frame_Options": "DENY"},
    ],
)
def test_nothing_speaks_against_it(headers: dict[str, str]) -> None:
    assert refusal({PAGE: answer(**headers)}) == ""


@pytest.mark.parametrize("value", ["DENY", "sameorigin", "SAMEORIGIN, SAMEORIGIN", "foo, deny"])
def test_x_frame_options_forbid_it(value: str) -> None:
    assert refusal({PAGE: answer(X_Frame_Options=value)}) == "crm.example forbids it (X-Frame-Options)"


@pytest.mark.parametrize(
    "policy",
    [
        "frame-ancestors 'none'",
        "frame-ancestors 'self'",
        "frame-ancestors",
        "frame-ancestors https://other.example",
        "frame-ancestors https://patchbay.example:8443",
        "frame-ancestors https://*.patchbay.example",
        "frame-ancestors *, frame-ancestors 'self'",
        "img-src *; frame-ancestors 'self'; frame-ancestors *",
    ],
)
def test_frame_ancestors_forbid_it(policy: str) -> None:
    assert "frame-ancestors" in refusal({PAGE: answer(Content_Security_Policy=policy)})


def test_the_page_of_the_same_origin_may_be_framed() -> None:
    client = FakeClient({PAGE: answer(X_Frame_Options="SAMEORIGIN")})
    assert framing_check.refusal(client, PAGE, ["https://crm.example"], HOSTS) == ""


def test_each_hop_is_followed_and_the_last_one_named() -> None:
    login = "https://login.example/sign-in?next=%2F"
    answers = {PAGE: answer(302, Location=login), login: answer(X_Frame_Options="DENY")}
    assert refusal(answers) == "login.example forbids it (X-Frame-Options)"
    assert refusal({PAGE: answer(302, Location="/a"), "https://crm.example/a": answer()}) == ""


def test_a_hop_to_a_host_that_no_frame_may_show_ends_it() -> None:
    found = refusal({PAGE: answer(302, Location="https://sso.example/")})
    assert found == "it leads on to sso.example, which is neither one of crm.page_hosts nor of crm.frame_hosts"


def test_who_knows_no_head_is_asked_for_the_page() -> None:
    client = FakeClient({PAGE: answer(405, X_Frame_Options="DENY")})
    assert framing_check.refusal(client, PAGE, [PATCHBAY], HOSTS) == "crm.example forbids it (X-Frame-Options)"
    assert client.asked == [("HEAD", PAGE), ("GET", PAGE)]


def test_what_cannot_be_found_out_speaks_against_nothing() -> None:
    assert refusal({}) == ""
    assert refusal({PAGE: answer(302, Location=PAGE)}) == ""  # for ever


INTRANET = "https://intranet.example"


@pytest.mark.parametrize(
    ("headers", "framers", "reason"),
    [
        ({"X_Frame_Options": "SAMEORIGIN"}, ["https://crm.example"], ""),
        (
            {"X_Frame_Options": "SAMEORIGIN"},
            ["https://crm.example", INTRANET],
            f"crm.example forbids it to {INTRANET} (X-Frame-Options)",
        ),
        (
            {"Content_Security_Policy": f"frame-ancestors {PATCHBAY}"},
            [PATCHBAY, INTRANET],
            f"crm.example forbids it to {INTRANET} (Content-Security-Policy: frame-ancestors)",
        ),
        (
            {"Content_Security_Policy": f"frame-ancestors {INTRANET}"},
            [PATCHBAY, INTRANET],
            f"crm.example forbids it to {PATCHBAY} (Content-Security-Policy: frame-ancestors)",
        ),
        ({"Content_Security_Policy": f"frame-ancestors {INTRANET} {PATCHBAY}"}, [PATCHBAY, INTRANET], ""),
        ({"Content_Security_Policy": "frame-ancestors https:"}, [PATCHBAY, INTRANET], ""),
        (
            {"Content_Security_Policy": "frame-ancestors https:, frame-ancestors *.intranet.example"},
            [PATCHBAY, INTRANET],
            f"crm.example forbids it to {PATCHBAY} (Content-Security-Policy: frame-ancestors)",
        ),
    ],
)
def test_every_page_around_counts(headers: dict[str, str], framers: list[str], reason: str) -> None:
    client = FakeClient({PAGE: answer(**headers)})
    assert framing_check.refusal(client, PAGE, framers, HOSTS) == reason
