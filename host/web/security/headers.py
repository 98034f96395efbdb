"""Adds security headers to all answers: pages, fragments, JSON, errors and redirects.

The policy depends only on the address, so errors and redirects have the policy of their page.
"""

from collections.abc import Iterable
from typing import Literal

from flask import Flask, Response, g, request
from sqlalchemy.exc import SQLAlchemyError

from host import hosts
from host.config import Config
from host.errors import HostError
from host.queues import tree
from host.settings.document.model import Settings
from host.web.current import services
from host.web.security import csp, embedders

PageKind = Literal["shell", "adapter", "sign_in", "popup", "consumer", "portal"]

KINDS: tuple[tuple[str, PageKind], ...] = (
    ("/shell/", "shell"),
    ("/agent/", "adapter"),
    ("/consumer/", "consumer"),
    ("/sign-in/popup/", "popup"),
)
"""Address prefix to kind of page; all other addresses are `portal`, which nobody may frame."""

SIGN_IN_PATHS = frozenset({"/", "/sign-in", "/sign-out", "/sign-out-everywhere"})
"""Addresses that also answer in the frames of adapters and shell."""

UNFRAMED: frozenset[PageKind] = frozenset({"portal", "popup"})
"""Kinds that nobody may frame."""

OPENERS: dict[PageKind, str] = {
    "portal": "same-origin",
    "shell": "same-origin-allow-popups",
    "adapter": "same-origin-allow-popups",
    "consumer": "same-origin-allow-popups",
}
"""`Cross-Origin-Opener-Policy` by kind of page.

With `same-origin-allow-popups`, the CRM's pages in the shell keep the windows that they open. The sign-in pages and the
sign-in window have no policy, since that window has to reach the frame that opened it.
"""

DEVICES = ("microphone", "camera", "geolocation")


def init_app(app: Flask, config: Config) -> None:
    """Add the headers to all answers of `app`."""
    is_https = config.public_url.startswith("https:")

    @app.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        kind = page_kind(request.path)
        allowed = _embedders(kind)
        headers.setdefault("Content-Security-Policy", _policy(kind, embedders.first(allowed)))
        embedders.remember(response, allowed)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        # Adapters of another tenant need the embedding origin; the path stays private.
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        headers.setdefault("Permissions-Policy", _permissions(kind))
        headers.setdefault("Cache-Control", "no-store")
        # Concerns fetching only; the policy decides about frames. The embedding scripts set another value.
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if kind in OPENERS:
            headers.setdefault("Cross-Origin-Opener-Policy", OPENERS[kind])
        if is_https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


def page_kind(path: str) -> PageKind:
    """Return the kind of page of an address; `/agent` counts as `/agent/`."""
    if path in SIGN_IN_PATHS:
        return "sign_in"
    return next((kind for prefix, kind in KINDS if f"{path}/".startswith(prefix)), "portal")


def _policy(kind: PageKind, ancestors: Iterable[str]) -> str:
    settings = None if kind in UNFRAMED else _settings()
    if settings is None:
        return csp.portal_policy()
    if kind == "shell":
        hosts = settings.page_hosts(_open_custom_urls())
        return csp.shell_policy(_adapters(settings), hosts, settings.crm.frame_hosts, ancestors)
    return csp.adapter_policy(ancestors)


def _settings() -> Settings | None:
    """Return the settings, or None if they can't be read; then nobody may frame us."""
    try:
        return services().settings.current()
    except (SQLAlchemyError, HostError):
        return None


def _embedders(kind: PageKind) -> tuple[str, ...]:
    """Return the origins that may frame this kind of page."""
    settings = None if kind in UNFRAMED else _settings()
    if settings is None:
        return ()
    return settings.embedding.consumer_origins if kind == "consumer" else settings.embedding.allowed_origins


def _adapters(settings: Settings) -> list[str]:
    url = settings.adapter_source.base_url
    return [hosts.origin_of(url)] if url else []


def _open_custom_urls() -> list[str]:
    if "open_custom_urls" not in g:
        with services().database.read() as connection:
            g.open_custom_urls = [queue.settings.open_custom_url for queue in tree.all(connection)]
    urls: list[str] = g.open_custom_urls
    return urls


def _permissions(kind: PageKind) -> str:
    if kind in UNFRAMED:
        return ", ".join(f"{device}=()" for device in DEVICES)
    if kind == "shell" and (settings := _settings()) and (adapters := _adapters(settings)):
        allowed = " ".join(["self", *(f'"{origin}"' for origin in adapters)])
        return ", ".join(f"{device}=({allowed})" for device in DEVICES)
    return ", ".join(f"{device}=(self)" for device in DEVICES)
