"""A page of ours is ours in whatever spelling its address comes."""

from dataclasses import replace

import pytest

from host.config import Config
from tests.host.web.conftest import FakeServices, build_app


@pytest.mark.parametrize(
    ("public_url", "host", "origin", "is_own"),
    [
        ("https://patchbay.example", "patchbay.example", "https://patchbay.example", True),
        ("https://Patchbay.example:443", "patchbay.example", "https://patchbay.example", True),
        ("https://bücher.example", "xn--bcher-kva.example", "https://xn--bcher-kva.example", True),
        ("https://other.example", "xn--bcher-kva.example", "https://xn--bcher-kva.example", True),
        ("https://other.example", "[::1]:8443", "https://[::1]:8443", True),
        ("https://patchbay.example", "patchbay.example", "http://patchbay.example", False),
        ("https://patchbay.example", "patchbay.example", "https://patchbay.example:8443", False),
        ("https://patchbay.example", "patchbay.example", "https://evil.example", False),
        ("https://patchbay.example", "patchbay.example", "null", False),
        ("https://patchbay.example", "patchbay.example", "", False),
    ],
)
def test_our_own_origin_is_known(services: FakeServices, public_url: str, host: str, origin: str, is_own: bool) -> None:
    config = Config.from_env({"PATCHBAY_PUBLIC_URL": public_url}, data=services.config.data)
    client = build_app(replace(services, config=config)).test_client()
    body = {"code": "wrong", "nonce": "0123456789abcdef"}
    answer = client.post("/sign-in/code", json=body, base_url=f"https://{host}", headers={"Origin": origin})
    assert answer.get_json()["error"] == ("not_signed_in" if is_own else "csrf"), answer.text
