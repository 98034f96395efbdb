"""The page Developer Settings: connects the CRM by OAuth, and sets the links to its pages.

A POST returns the authorization server's address; the page then navigates there at top level.

Source: docs/operations.md, Connect the CRM by OAuth; docs/reference/generic-api.md, Settings.
"""

from dataclasses import dataclass, replace

from flask import Blueprint, jsonify, redirect, render_template
from flask.typing import ResponseReturnValue

from host.crm.auth.oauth_connection import CALLBACK, ConnectionState
from host.crm.auth.oauth_states import Requester
from host.errors import SettingsError
from host.settings.document.model import Settings
from host.web import inputs
from host.web.current import services
from host.web.portal import crm_pages
from host.web.portal.crm_pages import CrmPages
from host.web.portal.oauth_redirect import finish, sign_in_hash
from host.web.security import csrf
from host.web.security.access import require, role
from host.web.sign_in import places
from host.web.sign_in.places import Place

PAGE = "/portal/settings/developer"

METHODS = {
    "headers": "Custom header",
    "basic": "Basic authentication",
    "bearer": "Bearer token",
    "oauth2": "OAuth",
}

blueprint = Blueprint("developer", __name__)


@dataclass(frozen=True)
class DeveloperPage:
    """The variables of the page's template."""

    product_name: str
    places: list[Place]
    crm_name: str
    """Empty if there is no CRM."""
    method: str
    connection: ConnectionState
    redirect_uri: str
    pages: CrmPages
    config: dict[str, str]
    """For the page's script."""


@blueprint.get(PAGE)
def developer_settings() -> ResponseReturnValue:
    """Show the state of the connection, and the links to the CRM's pages."""
    require("admin")
    pages = CrmPages.of_settings(services().settings.current(), is_saved="saved" in inputs.query())
    return _page(pages)


@blueprint.post(f"{PAGE}/crm/pages")
def save_pages() -> ResponseReturnValue:
    """Save the links to the CRM's pages, or only check the display page.

    A new display page that can't be framed is saved when the admin, having read that, presses the button again.
    """
    require("admin")
    host, form = services(), inputs.form()
    pages = CrmPages.of_form(form)
    try:
        planned = host.settings.preview(pages.document())
        is_new = planned.display_crm != host.settings.current().display_crm and pages.told != pages.url
        if form.get("action") == "check" or is_new:
            note, is_fine = crm_pages.asked(planned, host.config.public_url)
            if form.get("action") == "check" or not is_fine:
                return _page(replace(pages, note=note, is_fine=is_fine, told=pages.url))
        host.settings.import_file(pages.document())
    except SettingsError as error:
        return _page(replace(pages, problems=crm_pages.fields_of(error.problems))), 422
    return redirect(f"{PAGE}?saved=1#crm-pages", 303)


def _page(pages: CrmPages) -> str:
    user = require("admin")
    settings, oauth = services().settings.current(), services().crm_oauth
    page = DeveloperPage(
        product_name=settings.product_name,
        places=places.portal(user),
        crm_name=_name(settings),
        method=METHODS[settings.crm.auth.method],
        connection=oauth.state(),
        redirect_uri=oauth.redirect_uri,
        pages=pages,
        config={"csrf": csrf.token()},
    )
    return render_template("settings/developer.html", page=page)


@blueprint.post(f"{PAGE}/crm/connect")
def connect() -> ResponseReturnValue:
    """Begin an authorization; answer with the address that the page has to open."""
    user, oauth = require("admin"), services().crm_oauth
    if oauth.state().status != "not_needed" and not oauth.state().needs_person:
        oauth.connect_client()
        return jsonify(url=PAGE)
    return jsonify(url=oauth.authorization_url(Requester(user.id, sign_in_hash())))


@blueprint.post(f"{PAGE}/crm/disconnect")
@role("admin")
def disconnect() -> ResponseReturnValue:
    """Forget the tokens."""
    services().crm_oauth.disconnect()
    return redirect(PAGE, 303)


@blueprint.get(CALLBACK)
@role("admin")
def callback() -> ResponseReturnValue:
    """Handle the redirect from the authorization server.

    Raises:
        RequestError: The answer is incomplete, or access was denied.
        NotAllowedError: This admin has begun no such authorization.
    """
    finish(
        services().crm_oauth,
        refused="The CRM did not grant access. Try again in Developer Settings, and allow it there.",
        no_code="The address lacks the code that the CRM sends back. Press Connect again.",
    )
    return redirect(PAGE, 303)


def _name(settings: Settings) -> str:
    if settings.crm.type == "none":
        return ""
    return settings.crm.name or "Custom CRM"
