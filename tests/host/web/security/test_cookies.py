from pathlib import Path

import pytest
from flask import Flask, request

from host.config import Config
from host.web.security import cookies


@pytest.mark.parametrize(
    "url", ["https://patchbay.example", "http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000",
            "http://a.localhost"],
)  # fmt: skip
def test_https_and_this_machine_can_sign_in(tmp_path: Path, url: str) -> None:
    assert cookies.check_public_url(Config.from_env({}, data=tmp_path, public_url=url)) is None


@pytest.mark.parametrize("url", ["http://patchbay.example", "http://192.0.2.7:8000", "http://localhost.evil.example"])
def test_plain_http_elsewhere_is_warned_about(tmp_path: Path, url: str) -> None:
    warning = cookies.check_public_url(Config.from_env({}, data=tmp_path, public_url=url))
    assert warning
    assert url in warning
    assert "PATCHBAY_PUBLIC_URL" in warning


@pytest.mark.parametrize(("proxies", "expected"), [(0, "10.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.4")])
def test_only_as_many_proxies_are_believed_as_stand_in_front(tmp_path: Path, proxies: int, expected: str) -> None:
    app = Flask(__name__)
    cookies.configure(app, Config.from_env({}, data=tmp_path, trusted_proxies=proxies))
    app.add_url_rule("/", view_func=lambda: str(request.remote_addr))
    answer = app.test_client().get(
        "/",
        headers={"X-Forwarded-For": "192.0.2.1, 198.51.100.4, 203.0.113.9"},
        environ_base={"REMOTE_ADDR": "10.0.0.1"},
    )
    assert answer.text == expected
