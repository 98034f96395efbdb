"""Builds the addresses of the two adapters in the shell's frames: our own, or another tenant's."""

from dataclasses import dataclass

from host import hosts

ALLOW = "microphone; camera; geolocation"
"""As in the iframe tags of docs/embedding.md."""


@dataclass(frozen=True)
class Adapter:
    """One adapter's frame."""

    name: str
    """Name of the frame: `call_adapter`."""
    kind: str
    """`call`, `chat`."""
    title: str
    """`Call adapter`."""
    url: str
    origin: str | None
    """Origin of its messages; None for the page's own origin."""


def adapters(base_url: str | None) -> tuple[Adapter, Adapter]:
    """Return the call and the chat adapter.

    Args:
        base_url: The other tenant's address: `https://tenant.example`; None for our own adapters.
    """
    base, origin = "", None
    if base_url:
        base, origin = hosts.in_one_spelling(base_url).rstrip("/"), hosts.origin_of(base_url)
    call, chat = (
        Adapter(
            f"{kind}_adapter", kind, f"{kind.capitalize()} adapter", f"{base}/agent/?type={kind}&from=custom", origin
        )
        for kind in ("call", "chat")
    )
    return call, chat
