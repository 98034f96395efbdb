import pytest

from host import addresses

BAD_URLS = [
    "javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "blob:https://crm.example/1",
    "//crm.example/x",
    "https:\\\\crm.example",
    "https://crm.example\\@evil.example",
    "https:crm.example",
    "https:///path",
    "https://user:password@crm.example/",
    "https://crm.example/a b",
    "https://crm.example/\x00",
    " https://crm.example/",
    "https://crm.example/\n",
    "https://crm.example:99999/",
    "https://crm.example:0/",
    "https://[::1",
    "https://crm_\u2028.example/",
    "ftp://crm.example/",
    "/relative",
    "",
]


@pytest.mark.parametrize("url", BAD_URLS)
def test_refuses_a_url_that_could_lead_elsewhere(url: str) -> None:
    with pytest.raises(ValueError, match="found"):
        addresses.web_url(url)
    with pytest.raises(ValueError, match="found"):
        addresses.template_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example",
        "http://localhost:8001/api/accounts?phone=1#/x",
        "https://[::1]:8443/x",
        "HTTPS://CRM.example/",
    ],
)
def test_takes_an_absolute_url(url: str) -> None:
    assert addresses.web_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example/{ACCOUNT_ID}?phone={PHONE_LAST_DIGITS:7}",
        'https://crm.example/?device={CUSTOM_DATA."Device Type"}',
        "https://{CUSTOM_DATA.tenant}.crm.example/x",
        "{BASE_URL}/services/data",
        "{SAVED.upload_url}",
    ],
)
def test_takes_variables_in_a_url(url: str) -> None:
    assert addresses.template_url(url) == url


@pytest.mark.parametrize("url", ["{ACCOUNT_ID}", "{SCHEME}://crm.example/", "java{X}script:alert(1)"])
def test_refuses_a_url_whose_scheme_is_a_variable(url: str) -> None:
    with pytest.raises(ValueError, match="found"):
        addresses.template_url(url)


def test_doesnt_repeat_a_password_of_a_url() -> None:
    with pytest.raises(ValueError, match="found a user name") as refused:
        addresses.web_url("https://user:hunter2@crm.example/")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("template", "host"),
    [
        ("https://CRM.example/x/{ACCOUNT_ID}", "crm.example"),
        ("http://localhost:8001/", "localhost:8001"),
        ("https://{CUID}.example/", None),
        ("", None),
    ],
)
def test_knows_the_host_that_no_variable_changes(template: str, host: str | None) -> None:
    assert addresses.literal_host(template) == host


@pytest.mark.parametrize(
    ("template", "listed", "is_listed"),
    [
        ("https://crm.example/", "crm.example:443", True),
        ("http://crm.example:443/", "crm.example", False),
        ("http://localhost:8001/{X}", "localhost:8001", True),
        ("https://{CUID}.example/", "crm.example", True),
    ],
)
def test_a_template_is_on_the_list_unless_its_literal_host_is_not(template: str, listed: str, is_listed: bool) -> None:
    assert addresses.is_listed(template, [listed]) is is_listed


@pytest.mark.parametrize("text", ["crm.example", "localhost:8001", "[::1]:8001", "10.0.0.1"])
def test_takes_a_host(text: str) -> None:
    assert addresses.host(text) == text


@pytest.mark.parametrize(
    "text", ["https://crm.example", "crm.example/", "*.example", "a..b", "crm.example:0", "", "a b"]
)
def test_refuses_what_is_no_host(text: str) -> None:
    with pytest.raises(ValueError, match="allowed: a host"):
        addresses.host(text)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("https://crm.example/", "https://crm.example"),
        ("https://crm.example:443", "https://crm.example"),
        ("https://CRM.example", "https://crm.example"),
        ("https://crm.example/page?x=1", "https://crm.example"),
        ("*", "an origin"),
        ("null", "an origin"),
        ("crm.example", "an origin"),
        ("https://*.example", "an origin"),
    ],
)
def test_an_origin_is_exact(text: str, right: str) -> None:
    with pytest.raises(ValueError, match="found") as refused:
        addresses.origin(text)
    assert right in str(refused.value)


def test_emails_are_checked_loosely() -> None:
    assert addresses.email("james.bond@007") == "james.bond@007"
    for text in ("james", "@007", "james@", "a@b@c"):
        with pytest.raises(ValueError, match="e-mail"):
            addresses.email(text)
