"""The routes below `/shell/`: the page with adapters and records side by side."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from crm_shell import framing, listeners, vendor_files
from crm_shell.adapters import ALLOW, Adapter, adapters
from crm_shell.listeners import Runtime
from crm_shell.vendor_files import VendorFiles
from host.crm.auth import token_store
from host.crm.session_facts.record_links import NoLink
from host.errors import NotFoundError
from host.lookup import display_page
from host.queues import tree
from host.settings.document.model import Settings
from host.users.directory import User
from host.web.assets import Assets, assets
from host.web.current import services
from host.web.security import csrf
from host.web.security.access import require
from host.wire.events import EVENTS

NO_VENDOR_FILES = VendorFiles((), ())
CACHE_FOR_EVER = "private, max-age=31536000, immutable"

blueprint = Blueprint("shell", __name__, url_prefix="/shell", template_folder="templates")
blueprint.add_url_rule("/can-frame", view_func=framing.can_frame, methods=["POST"])
blueprint.record_once(framing.register)


@dataclass(frozen=True)
class ShellPage:
    """The variables of the shell's template."""

    product_name: str
    user_name: str
    adapters: tuple[Adapter, ...]
    allow: str
    config: dict[str, Any]
    """Configuration in the page for `bus.js` and the listeners."""
    preloads: list[Any]
    main: str
    """Address of the Python script."""
    listeners: dict[str, Any]
    """PyScript's configuration for it."""
    runtime: Runtime
    switched_off: dict[str, Any]


@blueprint.get("/")
def shell() -> ResponseReturnValue:
    """Show the shell, or redirect to the sign-in page."""
    user = require()
    host = services()
    with host.database.read() as connection:
        open_custom_urls = [queue.settings.open_custom_url for queue in tree.all(connection)]
        base_url = token_store.base_url(connection)
    settings = host.settings.current()
    vendors = vendor_files.read(host.config.data, settings.listeners.files)
    page = page_for(
        user.name,
        settings,
        open_custom_urls,
        assets(),
        vendors=vendors,
        csrf_token=csrf.token(),
        display=display(user, settings, open_custom_urls, base_url=base_url),
    )
    return render_template("shell/shell.html", page=page)


@blueprint.get("/listeners/<digest>/<module>.py")
def vendor_file(digest: str, module: str) -> ResponseReturnValue:
    """Return a listener file that the settings name.

    Raises:
        NotFoundError: The settings don't name it.
    """
    require()
    host = services()
    names = [name for name in host.settings.current().listeners.files if PurePosixPath(name).stem == module]
    found = vendor_files.read(host.config.data, names)
    if found.files:
        # A file that has just changed is sent in its new state, but not cached under the old address.
        is_same = found.files[0].digest == digest
        return _python(found.files[0].body, CACHE_FOR_EVER if is_same else "no-store")
    if found.problems:
        # With an error status PyScript wouldn't start at all.
        return _python(f"raise OSError({found.problems[0]!r})\n".encode(), "no-store")
    raise NotFoundError("no such listener file in the settings (listeners.files)")


def _python(body: bytes, cache_control: str) -> Response:
    return Response(body, mimetype="text/x-python", headers={"Cache-Control": cache_control})


def page_for(
    user_name: str,
    settings: Settings,
    open_custom_urls: list[str],
    built: Assets,
    *,
    vendors: VendorFiles = NO_VENDOR_FILES,
    csrf_token: str = "",
    display: dict[str, Any] | None = None,
) -> ShellPage:
    """Build the variables of the template.

    Args:
        display: The CRM's own page, as `display` returns it.
    """
    frames = adapters(settings.adapter_source.base_url)
    runtime = listeners.RUNTIMES[settings.listeners.runtime]
    return ShellPage(
        product_name=settings.product_name,
        user_name=user_name,
        adapters=frames,
        allow=ALLOW,
        config={
            "adapters": [{"name": frame.name, "origin": frame.origin} for frame in frames],
            "relay": relay(settings),
            "display": display,
            "page_hosts": list(settings.page_hosts(open_custom_urls)),
            "csrf": csrf_token,
            "framing": {
                "url": "/shell/can-frame",
                "csrf": csrf_token,
                "sandbox": framing.SANDBOX if settings.crm.sandbox_frames else None,
            },
            "listeners": {"modules": [file.module for file in vendors.files], "problems": list(vendors.problems)},
        },
        preloads=built.preloads(listeners.preloaded(built, runtime)),
        main=built.url(listeners.MAIN),
        listeners=listeners.config(built, runtime, vendors.files),
        runtime=runtime,
        switched_off=listeners.switched_off(),
    )


def display(
    user: User, settings: Settings, open_custom_urls: list[str], *, base_url: str = ""
) -> dict[str, Any] | None:
    """Return the tab with the CRM's own page: `{"label", "url", "reason"}`; None if it isn't displayed."""
    template = settings.display_crm.url
    if not settings.display_crm.enabled or not template:
        return None
    listed = settings.page_hosts(open_custom_urls)
    link = display_page.url(template, user, services().clock.now(), listed, base_url=base_url)
    label = settings.crm.name or "CRM"
    if isinstance(link, NoLink):
        return {"label": label, "url": None, "reason": f"The CRM's page can't be shown: {link.reason}."}
    return {"label": label, "url": link, "reason": ""}


def relay(settings: Settings) -> dict[str, Any] | None:
    """Return to which origins the shell relays which events, or None."""
    embedding = settings.embedding
    return {"origins": list(embedding.allowed_origins), "types": list(EVENTS)} if embedding.relay_events else None
