"""Builds the Content Security Policies of our pages.

No policy allows inline scripts, inline styles, `eval` or scripts of other hosts; `'wasm-unsafe-eval'` only lets
MicroPython's WebAssembly compile. Trusted Types are required everywhere, with one policy: `patchbay-fragment`.
"""

from collections.abc import Iterable, Mapping

SELF = "'self'"
NONE = "'none'"
FRAGMENT_POLICY = "patchbay-fragment"
REPORTS = "/csp-reports"
"""The address for browsers' reports of violations."""
FILE_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""For everything that is no page: scripts, styles, and refusals by the server itself."""

LARGEST_BYTES = 3000
"""Of a policy. Proxies accept 4 to 8 kB of headers in all, and answer 502 if there are more."""
ROOM_FOR_ANCESTORS = 1000

Directives = Mapping[str, Iterable[str]]


def shell_policy(
    frame_sources: Iterable[str], page_hosts: Iterable[str], frame_hosts: Iterable[str], ancestors: Iterable[str]
) -> str:
    """Return the policy of `/shell/`.

    Args:
        frame_sources: Origins of the adapters, if they are another tenant's: `https://tenant.example`.
        page_hosts: Hosts whose pages may pop: `localhost:8001`.
        frame_hosts: Further hosts that may show in the CRM frame.
        ancestors: Origins that may embed the page, as many as fit; our own origin always may.
    """
    hosts = [f"{scheme}://{host}" for host in (*page_hosts, *frame_hosts) for scheme in ("https", "http")]
    return _policy(
        {
            "script-src": (SELF, "'wasm-unsafe-eval'"),
            "frame-src": (SELF, *frame_sources, *hosts),
            "img-src": (SELF, "data:", "blob:"),
            "media-src": (SELF, "blob:"),
        },
        ancestors,
    )


def adapter_policy(ancestors: Iterable[str]) -> str:
    """Return the policy of `/agent/` and `/consumer/`.

    Args:
        ancestors: Origins that may embed the page, as many as fit; our own origin always may.
    """
    return _policy(
        {
            "script-src": (SELF,),
            "img-src": (SELF, "data:", "blob:"),
            "media-src": (SELF, "blob:"),
        },
        ancestors,
    )


def portal_policy() -> str:
    """Return the policy of all other pages, which nobody may frame."""
    return _policy({"script-src": (SELF,), "img-src": (SELF, "data:")}, None)


def fit(ancestors: Iterable[str]) -> bool:
    """Tell whether any policy has room for all these ancestors."""
    return len(" ".join(ancestors)) <= ROOM_FOR_ANCESTORS


def _policy(own: Directives, ancestors: Iterable[str] | None) -> str:
    """Build a policy; with `ancestors` None, nobody may frame the page."""
    common: Directives = {
        "default-src": (NONE,),
        "style-src": (SELF,),
        "connect-src": (SELF,),
        "font-src": (SELF,),
        "object-src": (NONE,),
        "base-uri": (NONE,),
        "form-action": (SELF,),
        "require-trusted-types-for": ("'script'",),
        "trusted-types": (FRAGMENT_POLICY,),
        "report-uri": (REPORTS,),
    }
    policy = "; ".join(f"{name} {_sources(name, sources)}" for name, sources in {**common, **own}.items())
    if ancestors is None:
        return f"{policy}; frame-ancestors {NONE}"
    return _with_ancestors(f"{policy}; frame-ancestors {SELF}", ancestors)


def _with_ancestors(policy: str, ancestors: Iterable[str]) -> str:
    """Add the first ancestor in any case, and the others while there is room."""
    for number, origin in enumerate(dict.fromkeys(ancestors)):
        longer = f"{policy} {_sources('frame-ancestors', (origin,))}"
        if number and len(longer) > LARGEST_BYTES:
            break
        policy = longer
    return policy


def _sources(name: str, sources: Iterable[str]) -> str:
    kept = list(dict.fromkeys(sources))
    for source in kept:
        # A value of the settings must never start a new directive.
        if not source or any(char in source for char in ";, \t\r\n\f\v") or not source.isascii():
            raise ValueError(f"{name}: {source!r} is no source of a policy; give an origin such as https://crm.example")
    return " ".join(kept)
