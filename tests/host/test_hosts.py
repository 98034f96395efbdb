"""Hosts in one spelling, wherever two are compared."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_shell.adapters import adapters
from host import hosts
from host.addresses import literal_host, origin, template_url
from host.config import Config
from host.crm.auth.clients import policy_of
from host.crm.http.client import GuardedClient
from host.crm.http.ssrf_guard import Policy, check_url
from host.crm.session_facts.record_links import NoLink, checked
from host.crm.settings.crm import CrmSettings
from host.errors import CrmAddressError
from host.settings.document.model import Settings
from host.web.security.csp import shell_policy
from tests.serving import served

SPELLINGS = [
    # listed, URL, both in one spelling
    ("CRM.Example", "https://crm.example/a", "crm.example"),
    ("crm.example", "https://CRM.EXAMPLE/a", "crm.example"),
    ("crm.example", "HTTPS://crm.example/a", "crm.example"),
    ("crm.example.", "https://crm.example/a", "crm.example"),
    ("crm.example", "https://crm.example./a", "crm.example"),
    ("crm.example", "https://crm.example:443/a", "crm.example"),
    ("crm.example:443", "https://crm.example/a", "crm.example"),
    ("crm.example:443", "https://crm.example:0443/a", "crm.example"),
    ("crm.example.:8443", "https://crm.example:8443/a", "crm.example:8443"),
    ("[::1]", "https://[::1]/a", "[::1]"),
    ("[::1]:41039", "https://[::1]:41039/a", "[::1]:41039"),
    ("[0:0:0:0:0:0:0:1]:41039", "https://[::1]:41039/a", "[::1]:41039"),
    ("[2001:DB8::A]", "https://[2001:db8:0:0:0:0:0:a]:443/a", "[2001:db8::a]"),
    ("bücher.example", "https://xn--bcher-kva.example/a", "xn--bcher-kva.example"),
    ("xn--bcher-kva.example", "https://BÜCHER.example./a", "xn--bcher-kva.example"),
    ("XN--BCHER-KVA.example", "https://bücher.example:443/a", "xn--bcher-kva.example"),
    ("straße.example", "https://xn--strae-oqa.example/a", "xn--strae-oqa.example"),
    ("例え。テスト:8443", "https://xn--r8jz45g.xn--zckzah:8443/a", "xn--r8jz45g.xn--zckzah:8443"),
    ("127.0.0.1:8001", "https://127.0.0.1.:8001/a", "127.0.0.1:8001"),
    ("my_crm:8001", "https://MY_CRM:8001/a", "my_crm:8001"),
]
OTHERS = [
    ("crm.example", "https://crm.example:8443/a"),
    ("crm.example:8443", "https://crm.example/a"),
    ("crm.example:443", "http://crm.example/a"),
    ("crm.example", "https://evil-crm.example/a"),
    ("crm.example", "https://crm.example.evil.example/a"),
    ("crm.example", "https://crm.example@evil.example/a"),
    ("127.0.0.1:8001", "https://[::ffff:127.0.0.1]:8001/a"),
    ("127.0.0.1", "https://0x7f.1/a"),
    ("[::1]:41039", "https://[::1]:41038/a"),
    ("bücher.example", "https://bucher.example/a"),
]


@pytest.mark.parametrize(("listed", "url", "one"), SPELLINGS)
def test_a_listed_host_is_reached_in_any_spelling(listed: str, url: str, one: str) -> None:
    crm = CrmSettings.model_validate({"allowed_hosts": [listed], "page_hosts": [listed]})
    assert hosts.of_url(url) == one
    assert literal_host(url) == one
    assert hosts.is_listed(url, [listed])
    assert check_url("create_account", url, policy_of(crm))
    assert checked(template_url(url), frozenset(crm.page_hosts or ())) == f"https://{one}/a"


@pytest.mark.parametrize(("listed", "url"), OTHERS)
def test_another_host_stays_another(listed: str, url: str) -> None:
    crm = CrmSettings.model_validate(
        {"allowed_hosts": [listed], "page_hosts": [listed], "allow_private_addresses": True}
    )
    assert not hosts.is_listed(url, [listed])
    assert isinstance(checked(url, frozenset(crm.page_hosts or ())), NoLink)
    with pytest.raises(CrmAddressError):
        check_url("create_account", url, policy_of(crm))


@pytest.mark.parametrize(("listed", "url", "one"), SPELLINGS)
def test_every_place_that_tells_a_browser_uses_the_browsers_spelling(listed: str, url: str, one: str) -> None:
    settings = Settings.model_validate({"crm": {"frame_hosts": [listed], "record_lookup_url": url + "/{RECORD_ID}"}})
    policy = shell_policy((), settings.page_hosts(), settings.crm.frame_hosts, ())
    assert settings.page_hosts() == (one,)
    assert f"https://{one}" in policy.replace(":443", "").split()
    assert adapters(url.removesuffix("/a"))[0].origin == f"https://{one}"


@pytest.mark.parametrize(("url", "one"), [(url.removesuffix("/a"), one) for _, url, one in SPELLINGS])
def test_origins_are_one_too(url: str, one: str) -> None:
    config = Config.from_env({"PATCHBAY_PUBLIC_URL": url, "PATCHBAY_CRM_FRAME_ANCESTORS": url})
    assert config.public_url == f"https://{one}"
    assert config.crm_frame_ancestors == (f"https://{one}",)
    assert hosts.is_same_origin(f"https://{one}", url)
    assert origin(f"https://{one}") == f"https://{one}"
    if url != f"https://{one}":
        with pytest.raises(ValueError, match=f"https://{one}".replace("[", r"\[")):
            origin(url)


@pytest.mark.parametrize("origin", ["", "null", "https://crm.example@evil.example", "http://crm.example", "https://["])
def test_what_is_no_origin_is_nobodys(origin: str) -> None:
    assert not hosts.is_same_origin(origin, "https://crm.example")


@pytest.mark.parametrize(
    ("template", "kept"),
    [
        ("https://bücher.example/ü?x=ü", "https://xn--bcher-kva.example/ü?x=ü"),
        (
            "https://{CUSTOM_DATA.Größe}.bücher.example:8443/{X}",
            "https://{CUSTOM_DATA.Größe}.xn--bcher-kva.example:8443/{X}",
        ),
        ("{BASE_URL}/ü", "{BASE_URL}/ü"),
        ("https://CRM.example./x", "https://CRM.example./x"),
    ],
)
def test_an_international_host_is_kept_as_browsers_send_it(template: str, kept: str) -> None:
    assert template_url(template) == kept


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("a.localhost", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost.example", False),
        ("192.168.0.1", False),
        ("", False),
        ("[", False),
    ],
)
def test_knows_this_machine(host: str, is_ours: bool) -> None:
    assert hosts.is_loopback(host) is is_ours


@given(st.text())
def test_any_text_is_a_host_or_refused_with_a_reason(text: str) -> None:
    for read in (hosts.name, hosts.host_and_port, hosts.of_url):
        with suppress(ValueError):
            found = read(text)
            assert found.isascii()
            assert found == found.lower()


@given(st.from_regex(r"[a-z0-9_]([a-z0-9_-]{0,8}[a-z0-9_])?(\.[a-z0-9]{1,8}){0,3}(:[1-9][0-9]{0,3})?", fullmatch=True))
def test_one_spelling_is_its_own(host: str) -> None:
    assert hosts.host_and_port(host) == host
    assert hosts.host_and_port(host.upper()) == host


@pytest.fixture
def on_ipv6() -> Iterator[int]:
    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            pass

    server = Server(("::1", 0), Handler)
    with served(server):
        yield server.server_address[1]


@pytest.mark.parametrize("listed", ["[::1]:{}", "[0:0:0:0:0:0:0:1]:{}"])
@pytest.mark.parametrize("url", ["http://[::1]:{}/", "http://[0000::0001]:{}/"])
def test_a_crm_on_ipv6_is_asked(on_ipv6: int, listed: str, url: str) -> None:
    crm = CrmSettings.model_validate({"allowed_hosts": [listed.format(on_ipv6)], "allow_private_addresses": True})
    client = GuardedClient(policy_of(crm))
    assert client.send("find_account_by_id", "GET", url.format(on_ipv6)).status == 200
    client.close()


def test_the_breaker_knows_one_server_by_one_name() -> None:
    policy = Policy(frozenset({"crm.example"}))
    urls = ("https://crm.example/", "https://CRM.example.:443/", "https://crm.example:443/x")
    assert len({check_url("create_account", url, policy) for url in urls}) == 1
