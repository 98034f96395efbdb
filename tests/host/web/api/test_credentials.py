import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from host.users import company_keys
from host.web.api.credentials import WINDOW_S, WRONG_TRIES
from tests.host.web.api.conftest import SECRET, Gateway, application, basic, gateway_of

PRIVATE = (SECRET, "guess-4711", "Lovelace", "2125550101")
PREFIXES = ["/manager/api/v1", "/apps/api/v1", "/api/v1"]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_prefix_answers_the_same(gateway: Gateway, prefix: str) -> None:
    call = gateway.start()
    gateway.prefix = prefix
    assert gateway.get(f"/calls/{call['id']}").json == call
    assert gateway.post("/chats").status_code == 201


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic !"},
        basic(secret="wrong"),
        basic(key="other"),
        basic(secret=""),
        basic(key="schlüssel"),
    ],
)
def test_without_the_companys_key_nobody_gets_in(gateway: Gateway, prefix: str, headers: dict[str, str]) -> None:
    gateway.prefix = prefix
    answer = gateway.send("GET", "/calls", headers=headers)
    assert answer.status_code == 401
    assert answer.json["error"] == "not_signed_in"
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_wrong_secrets_are_throttled_and_then_the_right_one_too(gateway: Gateway) -> None:
    def status(**given: str) -> int:
        return gateway.send("GET", "/agents", headers=basic(**given)).status_code

    assert {status(secret=str(guess)) for guess in range(WRONG_TRIES)} == {401}
    assert status(secret="one more") == 429
    assert status() == 429
    gateway.clock.forward(timedelta(seconds=WINDOW_S))
    assert status() == 200


def test_says_how_long_to_wait(gateway: Gateway) -> None:
    for guess in range(WRONG_TRIES):
        gateway.send("GET", "/agents", headers=basic(secret=str(guess)))
    answer = gateway.send("GET", "/agents", headers=basic())
    assert (answer.json["retryable"], answer.headers["Retry-After"]) == (True, str(WINDOW_S))


def test_who_sends_no_key_or_another_one_shuts_nobody_out(gateway: Gateway) -> None:
    for guess in range(WRONG_TRIES + 5):
        gateway.send("GET", "/agents")
        gateway.send("GET", "/agents", headers=basic(key="made-up", secret=str(guess)))
    assert gateway.get("/agents").status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_pages_of_other_sites_can_not_use_a_browsers_memory(gateway: Gateway, site: str) -> None:
    headers = basic() | {"Sec-Fetch-Site": site}
    assert gateway.send("POST", "/calls", json={}, headers=headers).status_code == 403
    assert gateway.get("/calls").json == []


def test_signed_in_people_have_no_part_in_it(gateway: Gateway) -> None:
    answer = gateway.send("POST", "/calls", json={}, headers={"X-CSRF-Token": "x"})
    assert answer.status_code == 401


def test_no_log_holds_the_secret(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    gateway.start(end_user={"name": "Ada Lovelace", "phone": "+12125550101"})
    gateway.send("GET", "/agents", headers=basic(secret="guess-4711"))
    assert [private for private in PRIVATE if private in caplog.text] == []


def test_an_address_that_is_none_is_a_404_in_json(gateway: Gateway) -> None:
    answer = gateway.get("/faxes")
    assert (answer.status_code, answer.json["error"]) == (404, "not_found")


@pytest.mark.parametrize(
    "address",
    ["192.0.2.7:{}", "2001:db8:0:1::{:x}", "[2001:db8:0:1::{:x}]:443", "::ffff:192.0.2.7", "[::ffff:192.0.2.7]:{}"],
)
@pytest.mark.parametrize("proxies", [0, 1])
def test_a_guesser_is_one_whatever_port_and_address_they_come_from(tmp_path: Path, address: str, proxies: int) -> None:
    def status(gateway: Gateway, number: int, secret: str) -> int:
        come = address.format(number)
        request: dict[str, Any] = {"environ_base": {"REMOTE_ADDR": come}}
        headers = basic(secret=secret)
        if proxies:
            request, headers = {}, headers | {"X-Forwarded-For": f"198.51.100.{number}, {come}"}
        return gateway.send("GET", "/agents", headers=headers, **request).status_code

    with application(tmp_path, trusted_proxies=proxies) as app:
        gateway = gateway_of(app)
        assert {status(gateway, number, str(number)) for number in range(1, WRONG_TRIES + 1)} == {401}
        assert status(gateway, WRONG_TRIES + 1, "one more") == 429
        assert gateway.get("/agents").status_code == 200  # from another address


def another_key(gateway: Gateway, name: str = "Gateway", scopes: tuple[str, ...] = ("read", "write")) -> dict[str, str]:
    with gateway.services.database.write() as connection:
        made, secret = company_keys.add(connection, name, scopes, gateway.clock.now())
    return basic(made.key, secret)


def test_two_gateways_may_choose_the_same_idempotency_key(gateway: Gateway) -> None:
    headers = {"first": basic(), "one": another_key(gateway, "one"), "two": another_key(gateway, "two")}
    for key in ("4711", "2:4711"):
        ids = [
            gateway.send("POST", "/calls", json={}, headers={**each, "Idempotency-Key": key}).json["id"]
            for each in (*headers.values(), *headers.values())
        ]
        assert len(set(ids)) == 3
        assert ids[:3] == ids[3:]


def test_a_key_is_good_at_once_and_no_more_when_it_is_removed(gateway: Gateway) -> None:
    headers = another_key(gateway)
    assert gateway.send("GET", "/agents", headers=headers).status_code == 200
    with gateway.services.database.write() as connection:
        [key] = company_keys.all(connection)
        assert key.used_at == gateway.clock.now()
        company_keys.remove(connection, key.key)
    assert gateway.send("GET", "/agents", headers=headers).status_code == 401


def test_further_keys_are_throttled_like_the_first(gateway: Gateway) -> None:
    headers = another_key(gateway)
    with gateway.services.database.read() as connection:
        [key] = company_keys.all(connection)
    for guess in range(WRONG_TRIES):
        assert gateway.send("GET", "/agents", headers=basic(key.key, str(guess))).status_code == 401
    assert gateway.send("GET", "/agents", headers=headers).status_code == 429
    assert gateway.get("/agents").status_code == 200
