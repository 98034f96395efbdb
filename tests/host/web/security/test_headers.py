from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from host.config import Config
from host.settings.document.model import Settings
from tests.host.web.conftest import FakeServices, build_app
from tests.host.web.people import PAGE

CRM = "http://localhost:8001"
SITE = "https://company.example"


@pytest.fixture
def embedded(app: Flask, services: FakeServices) -> FlaskClient:
    services.settings.settings = Settings.model_validate(
        {"embedding": {"allowed_origins": [CRM], "consumer_origins": [SITE]}}
    )
    return app.test_client()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", f"'self' {CRM}"),
        ("/sign-in", f"'self' {CRM}"),
        ("/sign-in/popup?nonce=0123456789abcdef", "'none'"),
        ("/sign-in/code", "'none'"),
        ("/shell/", f"'self' {CRM}"),
        ("/shell", f"'self' {CRM}"),
        ("/agent/?type=chat", f"'self' {CRM}"),
        ("/agent/none", f"'self' {CRM}"),
        ("/consumer/", f"'self' {SITE}"),
        ("/consumer/none", f"'self' {SITE}"),
        ("/portal/guarded", "'none'"),
        ("/portal/broken", "'none'"),
        ("/api/broken", "'none'"),
        ("/healthz", "'none'"),
        ("/none", "'none'"),
    ],
)
def test_only_who_is_on_the_list_frames_pages_errors_and_redirects(
    embedded: FlaskClient, path: str, expected: str
) -> None:
    policy = embedded.get(path, headers=PAGE).headers["Content-Security-Policy"]
    assert policy.split("frame-ancestors ")[1].split(";")[0] == expected


@pytest.mark.parametrize("path", ["/", "/shell/", "/agent/", "/consumer/", "/portal/broken", "/none", "/healthz"])
def test_every_answer_has_the_headers(embedded: FlaskClient, path: str) -> None:
    headers = embedded.get(path, headers=PAGE).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Permissions-Policy"].startswith("microphone=")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize("path", ["/", "/none", "/agent/", "/shell/", "/consumer/", "/healthz", "/metrics"])
def test_no_other_site_fetches_what_we_answer(embedded: FlaskClient, path: str) -> None:
    assert embedded.get(path).headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_devices_are_for_the_pages_that_talk(embedded: FlaskClient) -> None:
    assert "microphone=(self)" in embedded.get("/agent/", headers=PAGE).headers["Permissions-Policy"]
    assert "microphone=()" in embedded.get("/none", headers=PAGE).headers["Permissions-Policy"]


def test_pages_that_nobody_frames_are_cut_off_from_their_openers(embedded: FlaskClient) -> None:
    assert embedded.get("/none", headers=PAGE).headers["Cross-Origin-Opener-Policy"] == "same-origin"
    for path in ("/agent/", "/shell/", "/consumer/"):
        found = embedded.get(path, headers=PAGE).headers["Cross-Origin-Opener-Policy"]
        assert found == "same-origin-allow-popups"
    for path in ("/", "/sign-in", "/sign-in/popup?nonce=0123456789abcdef", "/sign-in/popup"):
        assert "Cross-Origin-Opener-Policy" not in embedded.get(path, headers=PAGE).headers


def test_the_shell_frames_the_crms_pages_and_foreign_adapters(app: Flask, services: FakeServices) -> None:
    services.settings.settings = Settings.model_validate(
        {
            "crm": {"page_hosts": ["crm.example"], "frame_hosts": ["login.example"]},
            "adapter_source": {"base_url": "https://tenant.example/agent"},
        }
    )
    headers = app.test_client().get("/shell/", headers=PAGE).headers
    sources = headers["Content-Security-Policy"].split("frame-src ")[1].split(";")[0].split()
    assert {"'self'", "https://tenant.example", "https://crm.example", "https://login.example"} <= set(sources)
    assert 'microphone=(self "https://tenant.example")' in headers["Permissions-Policy"]


def test_without_a_database_nobody_frames_anything_and_health_still_answers(
    app: Flask, services: FakeServices, tmp_path: Path
) -> None:
    class BrokenSettings:
        def current(self) -> Settings:
            with services.database.read() as connection:
                connection.exec_driver_sql("SELECT * FROM nowhere")
            raise AssertionError

    services.settings = BrokenSettings()  # type: ignore[assignment]
    answer = app.test_client().get("/agent/none", headers=PAGE)
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert app.test_client().get("/healthz").json == {"status": "ok"}


def test_https_is_remembered(services: FakeServices, tmp_path: Path) -> None:
    services.config = Config.from_env({}, data=tmp_path, public_url="https://patchbay.example")
    assert build_app(services).test_client().get("/healthz").headers["Strict-Transport-Security"] == "max-age=31536000"


MANY = [f"https://department-{number}.customer-relations.company.example" for number in range(90)]
LAST = MANY[-1]


@pytest.fixture
def crowded(app: Flask, services: FakeServices) -> FlaskClient:
    services.settings.settings = Settings.model_validate(
        {
            "embedding": {"allowed_origins": MANY, "consumer_origins": MANY},
            "crm": {"page_hosts": [f"crm-{number}.example" for number in range(20)]},
        }
    )
    return app.test_client()


def policy_for(client: FlaskClient, path: str, **headers: str) -> str:
    policy = client.get(path, headers=PAGE | headers).headers["Content-Security-Policy"]
    assert len(policy) <= 3000
    return policy


@pytest.mark.parametrize("path", ["/", "/sign-in", "/shell/", "/agent/?type=chat", "/agent/none", "/consumer/"])
def test_of_many_embedders_the_one_that_asks_is_named(crowded: FlaskClient, path: str) -> None:
    assert MANY[0] in policy_for(crowded, path).split()
    assert LAST not in policy_for(crowded, path).split()
    assert LAST in policy_for(crowded, path, Referer=f"{LAST}/page?x=1").split()


def test_what_follows_in_the_frame_still_knows_who_embeds_it(crowded: FlaskClient) -> None:
    answer = crowded.get("/agent/?type=chat", headers=PAGE | {"Referer": f"{LAST}/"})
    kept = answer.headers["Set-Cookie"]
    for part in ("__Host-patchbay-embedders=", "Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
        assert part in kept
    cookie = kept.partition(";")[0]
    for path in ("/agent/?type=chat", "/", "/shell/"):
        own = {"Referer": "http://localhost/agent/?type=chat", "Cookie": cookie}
        assert LAST in policy_for(crowded, path, **own).split()


@pytest.mark.parametrize(
    "told",
    [
        {"Referer": "https://evil.example/"},
        {"Referer": "no address"},
        {"Referer": f"{LAST}.evil.example/"},
        {"Referer": f"{LAST}@evil.example/"},
        {"Cookie": "__Host-patchbay-embedders=https://evil.example~*~"},
    ],
)
def test_nobody_gets_onto_the_list_by_saying_so(crowded: FlaskClient, told: dict[str, str]) -> None:
    assert policy_for(crowded, "/agent/?type=chat", **told) == policy_for(crowded, "/agent/?type=chat")


def test_where_all_can_be_named_no_cookie_is_needed(embedded: FlaskClient) -> None:
    assert "Set-Cookie" not in embedded.get("/agent/none", headers=PAGE | {"Referer": f"{CRM}/"}).headers
