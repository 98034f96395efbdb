import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from host.crm.auth.oauth_grants import Granted, fingerprint
from host.crm.auth.token_store import StoredConnection
from host.crm.settings.auth import OAuth2Auth
from host.errors import CrmAuthError, CrmUnavailableError
from tests.clock import FrozenClock
from tests.host.crm.auth import token_process
from tests.host.crm.auth.desk import TIMEOUT_S, Desk, connect, crm_settings
from tests.host.crm.auth.oauth_server import OAuthServer

CALLS = 50
ROOT = Path(__file__).parents[4]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(desk: Desk, server: OAuthServer) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, token_process.__file__, server.url, *arguments]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": desk.database.url},
        )
        started.append(process)
        assert said(process) == "ready"
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def go(process: "subprocess.Popen[str]") -> None:
    assert process.stdin
    process.stdin.write("go\n")
    process.stdin.flush()


def refreshes(server: OAuthServer) -> int:
    return sum(asked["grant_type"] == "refresh_token" for asked in server.token_requests)


def test_fifty_parallel_calls_with_an_expired_token_refresh_once(connected: Desk, server: OAuthServer) -> None:
    connected.expire()
    server.expire()
    with ThreadPoolExecutor(CALLS) as pool:
        statuses = list(pool.map(lambda _: connected.get().status, range(CALLS)))
    assert statuses == [200] * CALLS
    assert refreshes(server) == 1


def test_fifty_parallel_calls_that_are_answered_401_refresh_once(connected: Desk, server: OAuthServer) -> None:
    server.expire()
    with ThreadPoolExecutor(CALLS) as pool:
        statuses = list(pool.map(lambda _: connected.get().status, range(CALLS)))
    assert statuses == [200] * CALLS
    assert refreshes(server) == 1


def test_two_processes_with_an_expired_token_refresh_once(connected: Desk, server: OAuthServer, start: Start) -> None:
    connected.expire()
    server.expire()
    processes = [start("25"), start("25")]
    for process in processes:
        go(process)
    assert [json.loads(said(process)) for process in processes] == [[200] * 25] * 2
    assert refreshes(server) == 1


def test_a_rotated_refresh_token_is_used_next_time(connected: Desk, server: OAuthServer) -> None:
    for _ in range(3):
        connected.expire()
        assert connected.get().status == 200
    used = [asked["refresh_token"] for asked in server.token_requests if asked["grant_type"] == "refresh_token"]
    assert len(set(used)) == 3
    assert not server.families[0].is_revoked


def test_a_server_that_does_not_rotate_keeps_its_refresh_token(connected: Desk, server: OAuthServer) -> None:
    server.gives_refresh_tokens = False
    for _ in range(2):
        connected.expire()
        assert connected.get().status == 200
    assert len({asked.get("refresh_token") for asked in server.token_requests[1:]}) == 1


def test_a_token_is_refreshed_before_it_expires(connected: Desk, server: OAuthServer) -> None:
    assert isinstance(connected.clock, FrozenClock)
    connected.clock.forward(timedelta(seconds=3600 - 31))
    connected.get()
    assert refreshes(server) == 0
    connected.clock.forward(timedelta(seconds=1))
    connected.get()
    assert refreshes(server) == 1


def test_a_401_is_answered_by_one_refresh_and_one_more_try(connected: Desk, server: OAuthServer) -> None:
    told: list[str] = []
    server.is_good = lambda access_token: False  # type: ignore[method-assign]
    assert connected.get(note=told.append).status == 401
    assert refreshes(server) == 1
    assert len(server.api_requests) == 2
    assert told == ["the access token was refused: it is renewed, and the request sent once more"]


def test_killed_between_the_answer_and_its_saving_it_says_that_it_needs_reconnecting(
    connected: Desk, server: OAuthServer, start: Start
) -> None:
    kill_while_it_refreshes(connected, start)
    asked = len(server.token_requests)
    for _ in range(3):
        with pytest.raises(CrmAuthError, match="needs reconnecting"):
            connected.get()
    assert len(server.token_requests) == asked + 1
    assert connected.oauth.state().status == "needs_reconnect"
    assert connected.oauth.state().reason == "the token URL answered 400, invalid_grant"
    connect(connected)
    assert connected.get().status == 200


def test_killed_there_it_goes_on_where_the_server_still_takes_the_old_token(
    connected: Desk, server: OAuthServer, start: Start
) -> None:
    server.takes_old_refresh_tokens = True
    kill_while_it_refreshes(connected, start)
    assert connected.get().status == 200
    assert connected.oauth.state().status == "connected"


def kill_while_it_refreshes(desk: Desk, start: Start) -> None:
    desk.expire()
    process = start("1", "hang")
    go(process)
    assert said(process) == "answered"
    process.send_signal(signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL
    assert isinstance(desk.clock, FrozenClock)
    desk.clock.forward(timedelta(seconds=TIMEOUT_S + 60))


def test_while_another_process_refreshes_the_others_wait_no_longer_than_the_timeout(
    connected: Desk, server: OAuthServer
) -> None:
    connected.expire()
    assert leased(connected, "another process")
    connected.settings = connected.settings.model_copy(update={"timeout_s": 0.2})
    with pytest.raises(CrmUnavailableError, match="being refreshed") as caught:
        connected.get()
    assert caught.value.retryable
    assert not caught.value.sent
    assert server.api_requests == []


def test_a_refresh_that_was_overtaken_changes_nothing(connected: Desk) -> None:
    late = leased(connected, "late")
    assert late
    connect(connected)
    assert not connected.store.save(late, Granted("old", "old"))
    connected.store.fail(late, "too late")
    assert connected.get().status == 200


def test_a_refresh_whose_lease_ran_out_still_saves_what_nobody_else_has(connected: Desk) -> None:
    slow = leased(connected, "slow")
    assert slow
    assert isinstance(connected.clock, FrozenClock)
    connected.clock.forward(timedelta(minutes=1))
    quick = leased(connected, "quick")
    assert quick
    assert connected.store.save(slow, Granted("first", "first"))
    assert connected.store.save(quick, Granted("second", "second"))
    kept = connected.store.read()
    assert kept
    assert (kept.refresh_token, kept.lease_owner) == ("second", None)


def leased(desk: Desk, owner: str) -> StoredConnection | None:
    auth = desk.settings.auth
    assert isinstance(auth, OAuth2Auth)
    return desk.store.lease(owner, fingerprint(auth), timedelta(seconds=30))


@pytest.mark.parametrize(
    ("answer", "error", "status"),
    [
        ((400, {"error": "invalid_grant"}), CrmAuthError, "needs_reconnect"),
        ((401, {"error": "invalid_client"}), CrmAuthError, "needs_reconnect"),
        ((200, {"error": "invalid_code"}), CrmAuthError, "needs_reconnect"),
        ((403, {}), CrmAuthError, "connected"),
        ((200, {"no": "token"}), CrmAuthError, "connected"),
        ((400, {"error": "temporarily_unavailable"}), CrmUnavailableError, "connected"),
        ((429, {}), CrmUnavailableError, "connected"),
        ((500, {}), CrmUnavailableError, "connected"),
    ],
)
def test_what_the_token_url_answers_decides_whether_a_person_is_needed(
    connected: Desk, server: OAuthServer, answer: tuple[int, dict[str, Any]], error: type[Exception], status: str
) -> None:
    connected.expire()
    server.fails_with = answer
    with pytest.raises(error):
        connected.get()
    assert connected.oauth.state().status == status
    server.fails_with = None
    assert server.api_requests == []


def test_a_refresh_that_failed_is_tried_again_by_the_next_request(connected: Desk, server: OAuthServer) -> None:
    connected.expire()
    server.fails_with = (503, {})
    with pytest.raises(CrmUnavailableError):
        connected.get()
    server.fails_with = None
    assert connected.get().status == 200


def test_without_a_refresh_token_an_expired_one_needs_a_person(desk: Desk, server: OAuthServer) -> None:
    server.gives_refresh_tokens = False
    connect(desk)
    desk.expire()
    for _ in range(2):
        with pytest.raises(CrmAuthError, match="no refresh token"):
            desk.get()
    assert desk.oauth.state().status == "needs_reconnect"
    assert len(server.token_requests) == 1


def test_without_a_refresh_token_one_401_is_not_the_end(desk: Desk, server: OAuthServer) -> None:
    server.gives_refresh_tokens = False
    connect(desk)
    server.expire()
    with pytest.raises(CrmAuthError, match="refused"):
        desk.get()
    assert desk.oauth.state().status == "connected"


def test_a_token_url_outside_the_allowed_hosts_is_not_asked(connected: Desk, server: OAuthServer) -> None:
    connected.expire()
    connected.settings = connected.settings.model_copy(update={"allowed_hosts": ("crm.example",)})
    with pytest.raises(CrmAuthError, match="allowed_hosts"):
        connected.get()
    assert refreshes(server) == 0


def test_a_token_request_keeps_to_the_timeout(connected: Desk, server: OAuthServer) -> None:
    connected.expire()
    gate = threading.Event()
    server.before_token = lambda: gate.wait(10)
    connected.settings = connected.settings.model_copy(update={"timeout_s": 0.3})
    with pytest.raises(CrmUnavailableError, match="timed out"):
        connected.get()
    gate.set()


def test_the_base_url_comes_from_the_token_answer(desk: Desk, server: OAuthServer) -> None:
    server.extra = {"data": {"api_domain": f"{server.url}/tenant-7"}}
    desk.settings = crm_settings(server.url, base_url_from_token="data.api_domain")
    connect(desk)
    server.extra = {}
    desk.expire()
    assert desk.clients.of(desk.settings).base_url("find_account_by_query") == f"{server.url}/tenant-7"
    assert refreshes(server) == 1


@pytest.mark.parametrize("bad", ["javascript:alert(1)", 7, "/relative", "https://user:x@crm.example"])
def test_a_base_url_that_is_none_is_ignored(desk: Desk, server: OAuthServer, bad: object) -> None:
    server.extra = {"api_domain": bad}
    desk.settings = crm_settings(server.url, base_url_from_token="api_domain")
    connect(desk)
    assert desk.clients.of(desk.settings).base_url("find_account_by_query") == ""
