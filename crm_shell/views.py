"""`/shell/`: the page that agents keep open; adapters and records side by side, and what happens between them."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from crm_shell import listeners
from crm_shell.adapters import ALLOW, Adapter, adapters
from host.queues import tree
from host.settings.model import Settings
from host.web.access import require
from host.web.assets import Assets, assets
from host.web.services import services
from host.wire.events import EVENTS

blueprint = Blueprint("shell", __name__, url_prefix="/shell", template_folder="templates")


@dataclass(frozen=True)
class ShellPage:
    """What the shell's template shows."""

    product_name: str
    user_name: str
    adapters: tuple[Adapter, ...]
    allow: str
    config: dict[str, Any]
    """For `bus.js` and the listeners, which read it from the page."""
    preloads: list[Any]
    main: str
    """Address of the Python script."""
    listeners: dict[str, Any]
    """PyScript's configuration for it."""
    switched_off: dict[str, Any]


@blueprint.get("/")
def shell() -> ResponseReturnValue:
    """Show the shell to whoever is signed in; others sign in first and come back."""
    user = require()
    host = services()
    with host.database.read() as connection:
        open_custom_urls = [queue.settings.open_custom_url for queue in tree.all(connection)]
    page = page_for(user.name, host.settings.current(), open_custom_urls, assets())
    return render_template("shell/shell.html", page=page)


def page_for(user_name: str, settings: Settings, open_custom_urls: list[str], built: Assets) -> ShellPage:
    """Put together what the template shows."""
    frames = adapters(settings.adapter_source.base_url)
    return ShellPage(
        product_name=settings.product_name,
        user_name=user_name,
        adapters=frames,
        allow=ALLOW,
        config={
            "adapters": [{"name": frame.name, "origin": frame.origin} for frame in frames],
            "relay": relay(settings),
            "page_hosts": list(settings.page_hosts(open_custom_urls)),
        },
        preloads=built.preloads(listeners.preloaded(built)),
        main=built.url(listeners.MAIN),
        listeners=listeners.config(built),
        switched_off=listeners.switched_off(),
    )


def relay(settings: Settings) -> dict[str, Any] | None:
    """Return to whom the shell hands the events on, and which; None: to nobody."""
    embedding = settings.embedding
    return {"origins": list(embedding.allowed_origins), "types": list(EVENTS)} if embedding.relay_events else None
