from typing import Any

import pytest

from host.errors import SettingsError
from host.settings.repository import SettingsRepository
from host.settings.validation import validated

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
URL = "https://hooks.example/in?token=1"
FINE: dict[str, Any] = {"url": URL, "secret": SECRET}
INSIDE = '"allow_private_addresses": true'


def problems_of(*webhooks: Any) -> dict[str, str]:
    with pytest.raises(SettingsError) as refused:
        validated({"webhooks": list(webhooks)})
    return dict(refused.value.problems)


@pytest.mark.parametrize(
    ("change", "key", "says"),
    [
        ({"url": "http://hooks.example/in"}, "url", "found http; allowed: https, http to localhost, or http with"),
        ({"url": "ftp://hooks.example/in"}, "url", "an absolute URL"),
        ({"url": "https://me:pass@hooks.example/in"}, "url", "found a user name or password in the URL"),
        ({"url": "https://hooks.example/ in"}, "url", "without blanks"),
        (
            {"url": "https://10.0.0.5/in"},
            "url",
            f"found the private address 10.0.0.5; allowed: a public one, or any with {INSIDE}",
        ),
        ({"url": "https://[fd00::1]/in"}, "url", "found the private address fd00::1"),
        ({"url": "https://169.254.169.254/in"}, "url", "which no request may go to"),
        ({"url": "http://[fd00:ec2::254]/", "allow_private_addresses": True}, "url", "which no request may go to"),
        ({"secret": ""}, "secret", "found no secret; allowed: whsec_ and 24 to 64 random bytes as base64; this makes"),
        ({"secret": "whsec_c2hvcnQ="}, "secret", "found 5 bytes; allowed"),
        ({"secret": "hunter2!"}, "secret", "found a text that is no base64"),
        ({"secret": 3}, "secret", "found a number"),
        ({"events": ["session.conected"]}, "events[0]", "did you mean session.connected?"),
        ({"events": "all"}, "events", "found a text; allowed: a list"),
        ({"event": []}, "event", "unknown key; did you mean events?"),
    ],
)
def test_names_what_is_wrong_and_what_is_allowed(change: dict[str, Any], key: str, says: str) -> None:
    problems = problems_of({**FINE, **change})
    assert list(problems) == [f"webhooks[0].{key}"]
    assert says in problems[f"webhooks[0].{key}"]
    assert "hunter2" not in str(problems)


def test_refuses_one_url_twice_and_too_many() -> None:
    assert problems_of(FINE, FINE) == {"webhooks[1].url": "found twice; allowed: each URL once"}
    many = [{**FINE, "url": f"https://hooks.example/{number}"} for number in range(21)]
    assert "at most 20" in problems_of(*many)["webhooks"]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"secret": SECRET.removeprefix("whsec_")},
        {"url": "http://localhost:9000/in"},
        {"url": "http://127.0.0.1/in"},
        {"url": "http://10.0.0.5/in", "allow_private_addresses": True},
        {"events": ["session.ended", "agent.status_changed"]},
    ],
)
def test_accepts(change: dict[str, Any]) -> None:
    [webhook] = validated({"webhooks": [{**FINE, **change}]}).webhooks
    assert webhook.wants("session.ended")


def test_a_secret_stays_with_its_url(repository: SettingsRepository) -> None:
    other = {"url": "https://other.example/", "secret": "whsec_" + "B" * 32}
    repository.import_file({"webhooks": [FINE, other]})
    exported = repository.export()["webhooks"]
    assert [each["secret"] for each in exported] == [{"secret": "set"}] * 2
    repository.import_file({"webhooks": exported[::-1]})
    secrets = {each.url: each.secret.get_secret_value() for each in repository.current().webhooks}
    assert secrets == {each["url"]: each["secret"] for each in (FINE, other)}


def test_a_secret_does_not_go_to_another_url(repository: SettingsRepository) -> None:
    repository.import_file({"webhooks": [FINE]})
    moved = {**repository.export()["webhooks"][0], "url": "https://thief.example/"}
    with pytest.raises(SettingsError) as refused:
        repository.import_file({"webhooks": [moved]})
    assert list(refused.value.problems) == ["webhooks[0].secret"]
