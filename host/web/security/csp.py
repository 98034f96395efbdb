"""The Content Security Policies of our pages: pure text, no page of ours gets by without one.

No policy allows inline script or style, `eval`, or another host; `'wasm-unsafe-eval'` lets MicroPython's
WebAssembly compile and nothing else. Trusted Types are on everywhere; one policy, `patchbay-fragment`, may exist.
"""

from collections.abc import Iterable, Mapping

SELF = "'self'"
NONE = "'none'"
FRAGMENT_POLICY = "patchbay-fragment"
REPORTS = "/csp-reports"
"""Where browsers tell what a policy has stopped."""
FILE_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""For what is no page: scripts, styles, and the server's own refusals. Nobody frames those."""

LARGEST_BYTES = 3000
"""Of a policy: proxies take 4 to 8 kB of headers as a whole, and answer 502 when there are more."""
ROOM_FOR_ANCESTORS = 1000

Directives = Mapping[str, Iterable[str]]


def shell_policy(
    frame_sources: Iterable[str], page_hosts: Iterable[str], frame_hosts: Iterable[str], ancestors: Iterable[str]
) -> str:
    """Return the policy of `/shell/`.

    Args:
        frame_sources: Origins of the adapters, where they aren't ours: `https://tenant.example`.
        page_hosts: Hosts whose pages may be popped: `localhost:8001`.
        frame_hosts: Further hosts that may show in the CRM frame.
        ancestors: Origins that may embed the page, as many as fit; our own always may.
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
        ancestors: Origins that may embed the page, as many as fit; our own always may.
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
    """Return the policy of everything else: nobody may frame it."""
    return _policy({"script-src": (SELF,), "img-src": (SELF, "data:")}, None)


def fit(ancestors: Iterable[str]) -> bool:
    """Tell whether a policy can surely name all of them."""
    return len(" ".join(ancestors)) <= ROOM_FOR_ANCESTORS


def _policy(own: Directives, ancestors: Iterable[str] | None) -> str:
    """Put a policy together; `ancestors` None: nobody frames the page."""
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
    """Name the first ancestor in any case, and the others while there is room."""
    for number, origin in enumerate(dict.fromkeys(ancestors)):
        longer = f"{policy} {_sources('frame-ancestors', (origin,))}"
        if number and len(longer) > LARGEST_BYTES:
            break
        policy = longer
    return policy


def _sources(name: str, sources: Iterable[str]) -> str:
    kept = list(dict.fromkeys(sources))
    for source in kept:
        # A setting must never be able to start a directive of its own.
        if not source or any(char in source for char in ";, \t\r\n\f\v") or not source.isascii():
            raise ValueError(f"{name}: {source!r} is no source of a policy; give an origin such as https://crm.example")
    return " ".join(kept)
