"""Addresses that people type in: URLs, hosts, origins, e-mails. Refused here on save, and again on use.

All functions return what they were given, or raise ValueError saying what was found and what is allowed;
they fit Pydantic's validators.
"""

import re
from urllib.parse import SplitResult, urlsplit

_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\\]")
_VARIABLE = re.compile(r"\{\{?[^{}]*\}?\}")
_URL_FROM_ELSEWHERE = re.compile(r"\{(BASE_URL|SAVED\.[A-Za-z0-9_]+)\}", re.IGNORECASE)
_HOST = re.compile(r"(?:\[[0-9a-f:.]+\]|[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?)(?::(?P<port>\d{1,5}))?", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LARGEST_PORT = 65535

RIGHT_URL = "an absolute URL such as https://crm.example/path"


def web_url(text: str) -> str:
    """Check an absolute http or https URL without user name, password, blanks or control characters."""
    _split(text)
    return text


def web_url_or_empty(text: str) -> str:
    """Check as `web_url`; empty is fine."""
    return web_url(text) if text else text


def template_url(text: str) -> str:
    """Check a URL with `{VARIABLES}` anywhere but in its scheme; `{BASE_URL}` or `{SAVED.x}` may start it."""
    _split(without_variables(text), shown=text)
    return text


def template_url_or_empty(text: str) -> str:
    """Check as `template_url`; empty is fine."""
    return template_url(text) if text else text


def without_variables(template: str) -> str:
    """Put a harmless value for every variable: what is left can be read as a URL."""
    if start := _URL_FROM_ELSEWHERE.match(template):
        template = "https://variable.invalid" + template[start.end() :]
    return _VARIABLE.sub("0", template)


def literal_host(template: str) -> str | None:
    """Return `host[:port]` of a URL template, lower case; None when a variable decides about it."""
    found = re.match(r"https?://([^/?#]*)", template, re.IGNORECASE)
    if found is None or "{" in found[1] or "@" in found[1]:
        return None
    return found[1].lower() or None


def with_and_without_port(url: str, found: str) -> set[str]:
    """Return the ways to write a URL's host: `{"crm.example", "crm.example:443"}`.

    Args:
        url: Its scheme tells the default port.
        found: What `literal_host` returned for it.
    """
    port = f":{_DEFAULT_PORTS['http' if is_plain_http(url) else 'https']}"
    bare = found.removesuffix(port)
    has_other_port = re.search(r":\d+$", bare) is not None
    return {bare} if has_other_port else {bare, bare + port}


def is_plain_http(template: str) -> bool:
    """Tell whether requests to this URL would go out unencrypted."""
    return template.lower().startswith("http:")


def host(text: str) -> str:
    """Check `host` or `host:port`."""
    found = _HOST.fullmatch(text)
    if found is None or ".." in text or int(found["port"] or 1) not in range(1, _LARGEST_PORT + 1):
        raise ValueError(f"found {shortened(text)}; allowed: a host such as crm.example or localhost:8001")
    return text.lower()


def origin(text: str) -> str:
    """Check an exact origin: `scheme://host[:port]`, as a browser writes it."""
    parts = _split(text, right="an origin such as https://crm.example or http://localhost:8001")
    exact = f"{parts.scheme}://{parts.netloc.lower()}"
    if parts.port == _DEFAULT_PORTS[parts.scheme]:
        exact = exact.rpartition(":")[0]
    if text != exact:
        raise ValueError(f"found {shortened(text)}; an origin is exactly scheme://host[:port]: {exact}")
    return text


def email(text: str) -> str:
    """Check loosely: one `@` and something on both sides."""
    if not _EMAIL.fullmatch(text):
        raise ValueError(f"found {shortened(text)}; allowed: an e-mail address such as agent@example.com")
    return text


def email_or_empty(text: str) -> str:
    """Check as `email`; empty is fine."""
    return email(text) if text else text


def shortened(text: str, length: int = 80) -> str:
    """Quote a found text so that it fits a message."""
    return repr(text if len(text) <= length else text[: length - 1] + "…")


def _split(text: str, *, shown: str | None = None, right: str = RIGHT_URL) -> SplitResult:
    found = shortened(text if shown is None else shown)
    if _UNSAFE.search(text):
        raise ValueError(f"found {found}; allowed: {right}, without blanks, control characters and backslashes")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"found {found}, which is no URL: {error}; allowed: {right}") from error
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"found {found}; allowed: {right} (http or https)")
    if "@" in parts.netloc:
        raise ValueError("found a user name or password in the URL; allowed: none, set the authentication instead")
    if port == 0 or not _HOST.fullmatch(parts.netloc):
        raise ValueError(f"found {found}, whose host can't be right; allowed: {right}")
    return parts
