"""One customer is one text."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.client_address import NOBODY, customer_of


@pytest.mark.parametrize(
    ("address", "customer"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:50123", "192.0.2.7"),
        ("192.0.2.7:", "192.0.2.7"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::FFFF:c000:207", "192.0.2.7"),
        ("[::ffff:192.0.2.7]:50123", "192.0.2.7"),
        ("64:ff9b::c000:207", "192.0.2.7"),
        ("2002:c000:207:1::1", "192.0.2.7"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdf8", "192.0.2.7"),
        ("2001:db8:0:1::7", "2001:db8:0:1::/64"),
        ("2001:DB8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"),
        ("[2001:db8:0:1::7]", "2001:db8:0:1::/64"),
        ("[2001:0db8:0000:0001::8]:50123", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::7", "2001:db8:0:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("[fe80::2%25eth1]:50123", "fe80::/64"),
        ("192.0.2.8", "192.0.2.8"),
    ],
)
def test_all_writings_of_one_customer_are_one(address: str, customer: str) -> None:
    assert customer_of(address) == customer


@pytest.mark.parametrize("address", [None, "", "unknown", "_hidden", "proxy.example", "[]", "1.2.3", "1.2.3.4.5:6"])
def test_what_is_no_address_is_one_customer_too(address: str | None) -> None:
    assert customer_of(address) == NOBODY


@given(st.ip_addresses(v=4), st.integers(0, 65535))
def test_no_port_and_no_mapping_makes_another_of_an_ipv4_customer(address: ipaddress.IPv4Address, port: int) -> None:
    mapped = ipaddress.IPv6Address(f"::ffff:{address}")
    written = (f"{address}:{port}", str(mapped), mapped.exploded, f"[{mapped}]:{port}")
    assert {customer_of(each) for each in written} == {str(address)}


@given(st.ip_addresses(v=6), st.integers(0, 65535))
def test_no_port_and_no_writing_makes_another_of_an_ipv6_customer(address: ipaddress.IPv6Address, port: int) -> None:
    written = (str(address), address.exploded, address.exploded.upper(), f"[{address}]:{port}")
    assert len({customer_of(each) for each in written}) == 1


@given(st.text())
def test_takes_any_text(text: str) -> None:
    assert customer_of(text)
