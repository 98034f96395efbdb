import pytest

from host.crm.http.ssrf_guard import Policy, Reach, check_address, check_url, reach_of
from host.errors import CrmAddressError

OPEN = Policy(frozenset({"localhost:8001", "crm.example"}), allow_private_addresses=True)
STRICT = Policy(frozenset({"crm.example", "crm.example:8443"}))


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("93.184.216.34", Reach.PUBLIC),
        ("2606:2800:220:1::1", Reach.PUBLIC),
        ("127.0.0.1", Reach.PRIVATE),
        ("10.1.2.3", Reach.PRIVATE),
        ("192.168.0.1", Reach.PRIVATE),
        ("100.64.0.1", Reach.PRIVATE),
        ("192.88.99.1", Reach.PRIVATE),
        ("::1", Reach.PRIVATE),
        ("fc00::1", Reach.PRIVATE),
        ("::ffff:127.0.0.1", Reach.PRIVATE),
        ("::ffff:93.184.216.34", Reach.PRIVATE),
        ("::ffff:0:93.184.216.34", Reach.PRIVATE),
        ("::ffff:0:169.254.169.254", Reach.NEVER),
        ("2001:4860::5efe:93.184.216.34", Reach.PRIVATE),
        ("2001:4860::200:5efe:93.184.216.34", Reach.PRIVATE),
        ("2001:4860::5efe:10.0.0.1", Reach.PRIVATE),
        ("2001:4860::5efe:169.254.169.254", Reach.NEVER),
        ("fe80::5efe:10.0.0.1", Reach.NEVER),
        ("fec0::1", Reach.PRIVATE),
        ("feff:ffff::1", Reach.PRIVATE),
        ("3fff::1", Reach.PRIVATE),
        ("5f00::1", Reach.PRIVATE),
        ("2001:db8::1", Reach.PRIVATE),
        ("100::1", Reach.PRIVATE),
        ("2001:0:4136:e378:8000:63bf:5601:5601", Reach.NEVER),
        ("2001:4860:4860::8888", Reach.PUBLIC),
        ("64:ff9b::7f00:1", Reach.PRIVATE),
        ("2002:7f00:1::", Reach.PRIVATE),
        ("2002:5db8:d822::", Reach.PRIVATE),
        ("::127.0.0.1", Reach.PRIVATE),
        ("::93.184.216.34", Reach.PRIVATE),
        ("::169.254.169.254", Reach.NEVER),
        ("169.254.1.1", Reach.NEVER),
        ("169.254.169.254", Reach.NEVER),
        ("::ffff:169.254.169.254", Reach.NEVER),
        ("64:ff9b::a9fe:a9fe", Reach.NEVER),
        ("2002:a9fe:a9fe::", Reach.NEVER),
        ("fd00:ec2::254", Reach.NEVER),
        ("100.100.100.200", Reach.NEVER),
        ("fe80::1%eth0", Reach.NEVER),
        ("224.0.0.1", Reach.NEVER),
        ("ff02::1", Reach.NEVER),
        ("0.0.0.0", Reach.NEVER),
        ("::", Reach.NEVER),
    ],
)
def test_it_knows_how_far_away_an_address_is(address: str, reach: Reach) -> None:
    assert reach_of(address) is reach


def test_private_addresses_need_permission_and_link_local_ones_never_get_it() -> None:
    check_address("create_account", "localhost", "127.0.0.1", OPEN)
    with pytest.raises(CrmAddressError, match="allow_private_addresses"):
        check_address("create_account", "localhost", "127.0.0.1", STRICT)
    with pytest.raises(CrmAddressError, match="no request may go"):
        check_address("create_account", "metadata", "169.254.169.254", OPEN)


@pytest.mark.parametrize(
    "url", ["https://crm.example/a", "https://CRM.example:443/a", "https://crm.example:8443/a?x=1"]
)
def test_listed_hosts_are_reached(url: str) -> None:
    assert check_url("find_account_by_query", url, STRICT).host == "crm.example"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://crm.example/a", "use https"),
        ("https://crm.example:444/a", "allowed_hosts"),
        ("https://crm.example.evil.example/", "allowed_hosts"),
        ("https://crm.example@evil.example/", "user information"),
        ("https://evil.example\\@crm.example/", "allowed_hosts"),
        ("https://2130706433/", "allowed_hosts"),
        ("ftp://crm.example/", "https://"),
        ("//crm.example/", "https://"),
    ],
)
def test_anything_else_is_refused_with_the_reason(url: str, reason: str) -> None:
    with pytest.raises(CrmAddressError, match=reason):
        check_url("find_account_by_query", url, STRICT)
