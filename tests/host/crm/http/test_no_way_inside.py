"""Forbidden addresses never reach a real listener on loopback.

Source: docs/reference/generic-api.md, Addresses.
"""

import socket
import threading
from collections.abc import Iterator

import pytest

from host.crm.http.client import GuardedClient
from host.crm.http.resolver import AddressInfo, Resolver
from host.crm.http.ssrf_guard import Policy
from host.errors import CrmAddressError, CrmError, CrmRejectedError, CrmUnavailableError
from tests.host.crm.faulty_crm import FaultyCrm

NAME = "crm.example"
V4 = ("127.0.0.1", "127.8.9.10", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1")
V6 = ("::1", "::", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1", "fd00::1", "ff02::1")
COMPATIBLE = ("::127.0.0.1", "::169.254.169.254")
SPELT = ("127.1", "0x7f000001", "0x7f.0.0.1", "2130706433", "017700000001", "0177.0.0.1", "[::ffff:7f00:1]", "[::1]")


@pytest.fixture
def accepted() -> Iterator[tuple[int, list[object]]]:
    """A listener on every loopback address, and the connections that reached it."""
    got: list[object] = []
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        server.settimeout(0.05)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    got.append(server.accept()[1])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], got
        over.set()
        thread.join()


@pytest.mark.parametrize("address", [*V4, *V6, *COMPATIBLE])
def test_a_name_that_leads_inside_is_refused(accepted: tuple[int, list[object]], address: str) -> None:
    port, got = accepted
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    where: list[AddressInfo] = [(family, (address, port))]
    client = GuardedClient(Policy(frozenset({f"{NAME}:{port}"})), resolver=Resolver(lambda host, _port: where))
    with pytest.raises(CrmAddressError):
        client.send("create_account", "POST", f"https://{NAME}:{port}/a", body=b"{}", timeout_s=1)
    assert got == []


@pytest.mark.parametrize("host", SPELT)
@pytest.mark.parametrize("is_listed", [True, False])
def test_an_odd_spelling_of_loopback_is_refused(accepted: tuple[int, list[object]], host: str, is_listed: bool) -> None:
    port, got = accepted
    allowed = frozenset({host, f"{host}:{port}"}) if is_listed else frozenset({NAME})
    with pytest.raises((CrmAddressError, CrmUnavailableError)):
        GuardedClient(Policy(allowed)).send("create_account", "POST", f"https://{host}:{port}/a", timeout_s=1)
    assert got == []


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "ff02::1", "0.0.0.0"])
def test_some_places_are_refused_whatever_the_admin_allows(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    where: list[AddressInfo] = [(family, (address, 443))]
    policy = Policy(frozenset({NAME}), allow_private_addresses=True)
    with pytest.raises(CrmError) as caught:
        GuardedClient(policy, resolver=Resolver(lambda host, port: where)).send(
            "create_account", "POST", f"https://{NAME}/a", timeout_s=1
        )
    assert isinstance(caught.value, CrmAddressError | CrmUnavailableError)


def test_a_redirect_inside_is_not_followed(crm: FaultyCrm) -> None:
    crm.fail("redirect", method="GET")
    client = GuardedClient(Policy(frozenset({crm.host}), allow_private_addresses=True))
    with pytest.raises(CrmRejectedError, match=r"a redirect to 169\.254\.169\.254"):
        client.send("find_account_by_id", "GET", f"{crm.url}/a")
    assert len(crm.asked) == 1
