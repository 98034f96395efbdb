import io
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from host.crm.http.circuit_breaker import FAIL_MAX, MAX_CONCURRENT, RESET_S, CircuitBreaker
from host.crm.http.client import GuardedClient
from host.crm.http.resolver import AddressInfo, Resolver
from host.crm.http.ssrf_guard import Policy
from host.crm.http.upload_progress import STALL_S, time_to_begin
from host.errors import CrmAddressError, CrmAnswerError, CrmRejectedError, CrmTimeoutError, CrmUnavailableError
from tests.host.crm.faulty_crm import FaultyCrm


@pytest.fixture
def client(crm: FaultyCrm) -> Iterator[GuardedClient]:
    client = GuardedClient(Policy(frozenset({crm.host}), allow_private_addresses=True))
    yield client
    client.close()


def test_it_brings_back_status_headers_and_body(crm: FaultyCrm, client: GuardedClient) -> None:
    answer = client.send("find_account_by_id", "GET", f"{crm.url}/hello?x=1", headers={"X-Api-Key": "k"})
    assert (answer.status, answer.body) == (200, b'{"path": "/hello"}')
    assert answer.headers["content-type"] == "application/json"
    assert crm.asked[0].headers["X-Api-Key"] == "k"
    assert 0 <= answer.took_ms < 60_000


@pytest.mark.parametrize("fault", ["hang", "drip_headers", "drip_body", "commit_then_hang"])
def test_a_slow_crm_is_cut_off_at_the_total_deadline(crm: FaultyCrm, client: GuardedClient, fault: str) -> None:
    crm.fail(fault)
    started = time.monotonic()
    with pytest.raises(CrmTimeoutError, match="timed out after") as caught:
        client.send("create_account", "POST", f"{crm.url}/accounts", body=b"{}", timeout_s=0.3)
    assert time.monotonic() - started > 0.29
    assert caught.value.sent


@pytest.mark.parametrize("fault", ["reset", "reset_after_commit"])
def test_a_broken_connection_after_sending_says_so(crm: FaultyCrm, client: GuardedClient, fault: str) -> None:
    crm.fail(fault)
    with pytest.raises(CrmUnavailableError) as caught:
        client.send("create_account", "POST", f"{crm.url}/accounts", body=b"{}")
    assert caught.value.sent
    assert crm.count("POST") == 1


def test_a_get_is_tried_once_more_when_the_connection_breaks(crm: FaultyCrm, client: GuardedClient) -> None:
    crm.fail("reset", method="GET")
    assert client.send("find_account_by_id", "GET", f"{crm.url}/hello").status == 200
    crm.fail("reset", "reset", method="GET")
    with pytest.raises(CrmUnavailableError):
        client.send("find_account_by_id", "GET", f"{crm.url}/hello")


def test_nothing_was_sent_when_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{taken.getsockname()[1]}"
        client = GuardedClient(Policy(frozenset({host}), allow_private_addresses=True))
        with pytest.raises(CrmUnavailableError, match="refused") as caught:
            client.send("create_account", "POST", f"http://{host}/accounts", body=b"{}")
        assert not caught.value.sent


def test_nothing_was_sent_when_the_name_is_not_resolved_in_time() -> None:
    stalled = threading.Event()

    def lookup(host: str, port: int) -> list[AddressInfo]:
        stalled.wait(100)  # longer than the test may take
        return []

    client = GuardedClient(Policy(frozenset({"crm.example"})), resolver=Resolver(lookup))
    with pytest.raises(CrmTimeoutError, match="not resolved in time") as caught:
        client.send("create_account", "POST", "https://crm.example/a", body=b"{}", timeout_s=0.3)
    assert not caught.value.sent
    stalled.set()


def test_a_stalled_tls_handshake_is_cut_off_and_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"
        client = GuardedClient(Policy(frozenset({host}), allow_private_addresses=True))
        with pytest.raises(CrmTimeoutError) as caught:
            client.send("create_account", "POST", f"https://{host}/a", body=b"{}", timeout_s=0.3)
        assert not caught.value.sent


def test_every_address_of_a_name_has_to_be_allowed() -> None:
    addresses: list[AddressInfo] = [(socket.AF_INET, ("93.184.216.34", 443)), (socket.AF_INET, ("127.0.0.1", 443))]
    client = GuardedClient(Policy(frozenset({"crm.example"})), resolver=Resolver(lambda host, port: addresses))
    with pytest.raises(CrmAddressError, match=r"127\.0\.0\.1"):
        client.send("create_account", "POST", "https://crm.example/a", body=b"{}")


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "017700000001", "[::ffff:127.0.0.1]", "0"])
def test_odd_spellings_of_loopback_reach_no_listener(crm: FaultyCrm, host: str) -> None:
    client = GuardedClient(Policy(frozenset({f"{host}:{crm.port}", host, crm.host})))
    with pytest.raises((CrmAddressError, CrmUnavailableError)):
        client.send("create_account", "POST", f"https://{host}:{crm.port}/a", body=b"{}")
    assert not crm.asked


def test_redirects_are_refused_and_the_host_is_named(crm: FaultyCrm, client: GuardedClient) -> None:
    crm.fail("redirect")
    with pytest.raises(CrmRejectedError, match=r"redirect to 169\.254\.169\.254") as caught:
        client.send("create_account", "POST", f"{crm.url}/accounts", body=b"{}")
    assert caught.value.status == 302


def test_a_bomb_is_cut_off_after_decompression(crm: FaultyCrm, client: GuardedClient) -> None:
    crm.fail("bomb")
    with pytest.raises(CrmAnswerError, match="longer than 5 MiB"):
        client.send("create_account", "POST", f"{crm.url}/accounts", body=b"{}")


def test_the_breaker_opens_after_failures_and_4xx_do_not_count(crm: FaultyCrm, client: GuardedClient) -> None:
    crm.fail(*["422"] * FAIL_MAX, *["500"] * FAIL_MAX)
    for _ in range(2 * FAIL_MAX):
        client.send("create_account", "POST", f"{crm.url}/accounts", body=b"{}")
    with pytest.raises(CrmUnavailableError, match="left alone") as caught:
        client.send("create_account", "POST", f"{crm.url}/accounts", body=b"{}")
    assert not caught.value.sent
    assert crm.count("POST") == 2 * FAIL_MAX


def test_a_half_open_breaker_lets_one_caller_try() -> None:
    seconds = [0.0]
    breaker = CircuitBreaker(lambda: seconds[0])
    for _ in range(FAIL_MAX):
        breaker.record_failure()
    assert not breaker.admit()
    seconds[0] = RESET_S
    assert breaker.admit()
    assert not breaker.admit()
    breaker.record_success()
    assert breaker.admit()
    assert breaker.admit()


def test_a_slow_origin_holds_no_more_threads_than_it_has_lanes(crm: FaultyCrm, client: GuardedClient) -> None:
    crm.fail(*["hang"] * MAX_CONCURRENT)
    errors: list[bool] = []

    def send() -> None:
        try:
            client.send("create_account", "POST", f"{crm.url}/accounts", body=b"{}", timeout_s=1)
        except (CrmTimeoutError, CrmUnavailableError) as error:
            errors.append(error.sent)

    threads = [threading.Thread(target=send) for _ in range(MAX_CONCURRENT + 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors.count(True) >= MAX_CONCURRENT
    assert len(errors) <= MAX_CONCURRENT + 3


def test_an_upload_may_take_longer_than_the_timeout_while_it_moves(crm: FaultyCrm, client: GuardedClient) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            threading.Event().wait(0.06)
            return super().read(size)

    answer = client.send("upload_file", "POST", f"{crm.url}/files", body=Slow(bytes(400_000)), timeout_s=1, upload=True)
    assert answer.status == 201
    assert len(crm.asked[0].body) == 400_000


@pytest.mark.parametrize(
    ("body", "upload", "expected"), [(b"x", True, STALL_S), (b"", True, STALL_S), (b"x", False, 3), (None, True, 3)]
)
def test_only_a_body_has_a_stall_limit(body: bytes | None, upload: bool, expected: float) -> None:
    assert time_to_begin(body, 3, upload=upload) == expected


def test_the_time_of_an_upload_counts_from_the_last_byte(crm: FaultyCrm, client: GuardedClient) -> None:
    crm.fail("hang")
    with pytest.raises(CrmTimeoutError):
        client.send("upload_file", "POST", f"{crm.url}/files", body=bytes(100_000), timeout_s=0.3, upload=True)


def test_cookies_of_the_crm_are_not_kept(crm: FaultyCrm, client: GuardedClient) -> None:
    client.send("find_account_by_id", "GET", f"{crm.url}/hello")
    client.send("find_account_by_id", "GET", f"{crm.url}/hello")
    assert "Cookie" not in crm.asked[1].headers


def test_a_create_does_not_go_over_a_connection_that_may_be_closing(
    crm: FaultyCrm, client: GuardedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create() -> int:
        client.send("create_record", "POST", f"{crm.url}/records", body=b"{}")
        return crm.asked[-1].from_port

    first = create()
    assert create() == first
    monkeypatch.setattr("host.crm.http.connection.REUSE_MAX_S", 0.0)
    assert create() != first


@pytest.mark.parametrize("length", ["many", "-1", "1e1", "2 bytes", "2, x"])
def test_an_answer_whose_length_is_no_number_is_no_answer(length: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"
        answering = threading.Thread(target=answer_twice, args=(server, length))
        answering.start()
        client = GuardedClient(Policy(frozenset({host}), allow_private_addresses=True))
        with pytest.raises(CrmUnavailableError, match="broke"):
            client.send("find_account_by_query", "GET", f"http://{host}/a", timeout_s=10)
        answering.join()
        client.close()


def answer_twice(server: socket.socket, length: str) -> None:
    """Answer a request, and its second try."""
    for _ in range(2):
        connection, _address = server.accept()
        with connection:
            connection.recv(65_536)
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
            connection.sendall(head.encode() + b"{}")
