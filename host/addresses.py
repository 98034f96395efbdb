"""Checks of addresses that people type in: URLs, hosts, origins, e-mails.

Settings are checked when they are saved, and their addresses again when they are used. A check returns its argument,
with the host spelled as in `host.hosts`, or raises a ValueError that says what was found and what is allowed. So checks
serve as Pydantic validators.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from host import hosts

_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\\]")
_VARIABLE = re.compile(r"\{\{?[^{}]*\}?\}")
_URL_FROM_ELSEWHERE = re.compile(r"\{(BASE_URL|SAVED\.[A-Za-z0-9_]+)\}", re.IGNORECASE)
EMAIL = re.compile(r"^[^@\s]+@[^@\s]+$")
_IN_ANOTHER_SCRIPT = re.compile(rf"{_VARIABLE.pattern}|[^.:/\[\]{{}}]*[^\x00-\x7f.:/\[\]{{}}][^.:/\[\]{{}}]*")

RIGHT_URL = "an absolute URL such as https://crm.example/path"


def web_url(text: str) -> str:
    """Check an absolute http or https URL without user name, password, blanks or control characters."""
    _check(text)
    return _with_ascii_host(text)


def web_url_or_empty(text: str) -> str:
    """Check as `web_url`; empty is fine."""
    return web_url(text) if text else text


def template_url(text: str) -> str:
    """Check a URL with `{VARIABLES}` anywhere but in its scheme; `{BASE_URL}` or `{SAVED.x}` may start it."""
    _check(without_variables(text), shown=text)
    return _with_ascii_host(text)


def template_url_or_empty(text: str) -> str:
    """Check as `template_url`; empty is fine."""
    return template_url(text) if text else text


def without_variables(template: str) -> str:
    """Replace every variable by a harmless value, so that the result can be parsed as a URL."""
    if start := _URL_FROM_ELSEWHERE.match(template):
        template = "https://variable.invalid" + template[start.end() :]
    return _VARIABLE.sub("0", template)


def literal_host(template: str) -> str | None:
    """Return `host[:port]` of a URL template; None when it holds a variable."""
    found = re.match(r"https?://[^/?#]*", template, re.IGNORECASE)
    if found is None or "{" in found[0]:
        return None
    try:
        return hosts.of_url(found[0])
    except ValueError:
        return None


def is_listed(template: str, known: Iterable[str]) -> bool:
    """Tell whether a URL template's host is in a list; True as well when a variable stands in the host."""
    return literal_host(template) is None or hosts.is_listed(template, known)


def is_plain_http(template: str) -> bool:
    """Tell whether requests to this URL would go out unencrypted."""
    return template.lower().startswith("http:")


def host(text: str) -> str:
    """Check `host` or `host:port`."""
    try:
        return hosts.host_and_port(text)
    except ValueError as error:
        raise ValueError(
            f"found {shortened(text)}; allowed: a host such as crm.example, localhost:8001 or [::1]:8001"
        ) from error


def origin(text: str) -> str:
    """Check an exact origin: `scheme://host[:port]`, as a browser writes it."""
    _check(text, right="an origin such as https://crm.example or http://localhost:8001")
    exact = hosts.origin_of(text)
    if text != exact:
        raise ValueError(f"found {shortened(text)}; an origin is exactly scheme://host[:port]: {exact}")
    return text


def email(text: str) -> str:
    """Check loosely: one `@` and something on both sides."""
    if not EMAIL.fullmatch(text):
        raise ValueError(f"found {shortened(text)}; allowed: an e-mail address such as agent@example.com")
    return text


def email_or_empty(text: str) -> str:
    """Check as `email`; empty is fine."""
    return email(text) if text else text


def shortened(text: str, length: int = 80) -> str:
    """Quote a found text so that it fits a message."""
    return repr(text if len(text) <= length else text[: length - 1] + "…")


def _check(text: str, *, shown: str | None = None, right: str = RIGHT_URL) -> None:
    found = shortened(text if shown is None else shown)
    if _UNSAFE.search(text):
        raise ValueError(f"found {found}; allowed: {right}, without blanks, control characters and backslashes")
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise ValueError(f"found {found}, which is no URL: {error}; allowed: {right}") from error
    if parts.scheme not in hosts.DEFAULT_PORTS or not parts.netloc:
        raise ValueError(f"found {found}; allowed: {right} (http or https)")
    if "@" in parts.netloc:
        raise ValueError("found a user name or password in the URL; allowed: none, set the authentication instead")
    try:
        hosts.host_and_port(parts.netloc)
    except ValueError as error:
        raise ValueError(f"found {found}, whose host can't be right; allowed: {right}") from error


def _with_ascii_host(url: str) -> str:
    """Write an international host as browsers send it; variables stay."""
    start, slashes, rest = url.partition("//")
    authority = re.match(r"[^/?#]*", rest)
    if authority is None or authority[0].isascii():
        return url
    written = _IN_ANOTHER_SCRIPT.sub(
        lambda found: found[0] if found[0].startswith("{") else hosts.name(found[0]), authority[0]
    )
    return f"{start}{slashes}{written}{rest[authority.end() :]}"
