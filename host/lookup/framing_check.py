"""Checks whether a page of the CRM may be framed, without being signed in there.

Browsers don't report that they refused to show a frame, so the server requests the page's headers, hop by hop.

Source: docs/reference/lookup-links.md, Display CRM in the portal.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from host import hosts
from host.crm.http.answer import Answer
from host.crm.http.client import GuardedClient
from host.errors import CrmError

MOST_HOPS = 5
TIMEOUT_S = 3.0
HEADERS = {"Accept": "text/html"}
NO_HEAD = frozenset({405, 501})


@dataclass(frozen=True)
class Hop:
    """One answer on the way to the page."""

    host: str
    status: int

    def __str__(self) -> str:
        return f"{self.host} ({self.status})"


@dataclass(frozen=True)
class Checked:
    """What was found out about a page."""

    hops: tuple[Hop, ...] = ()
    """The hosts that answered, in order; redirects first."""
    refusal: str = ""
    """Why the page can't be framed: `crm.example forbids it (X-Frame-Options)`; empty if it can."""
    unknown: str = ""
    """Why that could not be found out; empty if it was."""

    @property
    def is_fine(self) -> bool:
        """Whether the page answered and may be framed."""
        return not self.refusal and not self.unknown

    @property
    def way(self) -> str:
        """Return `crm.example (302), login.example (200)`."""
        return ", ".join(map(str, self.hops))


def refusal(client: GuardedClient, url: str, framers: Collection[str], listed: Collection[str]) -> str:
    """Return why a page can't be framed, as `check`; empty if it can, or if that is unknown."""
    return check(client, url, framers, listed).refusal


def check(client: GuardedClient, url: str, framers: Collection[str], listed: Collection[str]) -> Checked:
    """Follow the redirects of a page, and read from the last answer whether it may be framed.

    Args:
        client: Must be limited to `listed`.
        url: The page's address.
        framers: Origins of all pages around it: `https://patchbay.example`.
        listed: `host[:port]` of pages that may show in the frame; a redirect to another host is refused.
    """
    hops: list[Hop] = []
    for _ in range(MOST_HOPS):
        try:
            answer = _head(client, url)
        except CrmError as error:
            return Checked(tuple(hops), unknown=f"{_host(url)} was asked in vain: {error}")
        hops.append(Hop(_host(url), answer.status))
        location = answer.headers.get("Location")
        if not (300 <= answer.status < 400 and location):
            found = _by_headers(answer.headers, hosts.origin_of(url), framers, hosts.of_url(url))
            return Checked(tuple(hops), found)
        url = urljoin(url, location)
        if not hosts.is_listed(url, listed):
            words = f"it leads on to {_host(url)}, which is neither one of crm.page_hosts nor of crm.frame_hosts"
            return Checked(tuple(hops), words)
    return Checked(tuple(hops), unknown=f"it leads on more than {MOST_HOPS} times")


def _head(client: GuardedClient, url: str) -> Answer:
    answer = client.send("framing check", "HEAD", url, headers=HEADERS, timeout_s=TIMEOUT_S, redirects=True)
    if answer.status not in NO_HEAD:
        return answer
    return client.send("framing check", "GET", url, headers=HEADERS, timeout_s=TIMEOUT_S, redirects=True)


def _by_headers(headers: Mapping[str, str], page: str, framers: Collection[str], host: str) -> str:
    """Decide as browsers do: check each page around; `frame-ancestors` replaces X-Frame-Options."""
    ancestors = _frame_ancestors(headers.get("Content-Security-Policy", ""))
    name = "Content-Security-Policy: frame-ancestors" if ancestors else "X-Frame-Options"
    options = {option.strip().lower() for option in headers.get("X-Frame-Options", "").split(",")}
    for framer in framers:
        is_allowed = _is_in_all(ancestors, page, framer) if ancestors else _is_allowed(options, page, framer)
        if not is_allowed:
            to = f" to {framer}" if len(framers) > 1 else ""
            return f"{host} forbids it{to} ({name})"
    return ""


def _is_in_all(ancestors: list[list[str]], page: str, framer: str) -> bool:
    return all(any(_matches(source, page, framer) for source in sources) for sources in ancestors)


def _is_allowed(options: Collection[str], page: str, framer: str) -> bool:
    return "deny" not in options and ("sameorigin" not in options or page == framer)


def _frame_ancestors(policies: str) -> list[list[str]]:
    """Return the sources of each policy that has the directive; the first directive counts."""
    found = []
    for policy in policies.split(","):
        directives = [directive.lower().split() for directive in policy.split(";")]
        named = [words[1:] for words in directives if words and words[0] == "frame-ancestors"]
        found += named[:1]
    return found


def _matches(source: str, page: str, framer: str) -> bool:
    if source == "*":
        return True
    if source == "'self'":
        return page == framer
    if source.endswith(":"):
        return framer.startswith(source)
    has_scheme = "://" in source
    wanted = urlsplit(source if has_scheme else f"{urlsplit(page).scheme}://{source}")
    return _is_host_source(wanted, urlsplit(framer), by_name=not has_scheme)


def _is_host_source(wanted: SplitResult, framer: SplitResult, *, by_name: bool) -> bool:
    schemes = {wanted.scheme, "https"} if by_name or wanted.scheme == "http" else {wanted.scheme}
    wanted_host, host = wanted.hostname or "", framer.hostname or ""
    has_host = host.endswith(wanted_host[1:]) if wanted_host.startswith("*.") else host == wanted_host
    any_port = wanted.netloc.endswith(":*")
    return framer.scheme in schemes and has_host and (any_port or _ports_match(wanted, framer))


def _ports_match(wanted: SplitResult, framer: SplitResult) -> bool:
    usual = hosts.DEFAULT_PORTS.get(framer.scheme)
    return (wanted.port or usual) == (framer.port or usual)


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2].lower()
