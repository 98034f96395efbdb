"""The page Deliveries: lists work, files, mails, jobs and webhooks in trouble, and takes decisions about them.

Source: docs/reference/generic-api.md, Create-once; docs/operations.md, Deliveries and jobs.
"""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from host.crm.intents.intents import Intent
from host.deliveries import report as file_report
from host.deliveries.report import FileReport
from host.errors import TransitionError
from host.jobs import job_rows
from host.orchestration import deliveries
from host.orchestration.deliveries import DeliveryReport
from host.reports import failed_items
from host.web import inputs
from host.web.current import services
from host.web.security.access import require, role
from host.web.sign_in import places
from host.web.sign_in.places import Place
from host.webhooks import deliveries as webhook_deliveries
from host.webhooks import receivers, report
from host.webhooks.report import WebhookReport

PAGE = "/portal/deliveries"

blueprint = Blueprint("portal_deliveries", __name__)


@dataclass(frozen=True)
class DeliveriesPage:
    """The variables of the page's template."""

    product_name: str
    places: list[Place]
    troubles: DeliveryReport
    webhooks: list[WebhookReport]
    files: FileReport


@blueprint.get(PAGE)
def show() -> ResponseReturnValue:
    """Show all failed and waiting deliveries."""
    user = require("admin", "supervisor")
    with services().database.read() as connection:
        crm = services().runner.crm(connection)
        found = deliveries.report(connection, services().clock.now(), crm)
        webhooks = report.of_all(connection, services().settings.current().webhooks)
        files = file_report.report(connection)
    page = DeliveriesPage(services().settings.current().product_name, places.portal(user), found, webhooks, files)
    return render_template("portal/deliveries.html", page=page)


@blueprint.post(f"{PAGE}/<int:intent_id>/again")
@role("admin", "supervisor")
def try_again(intent_id: int) -> ResponseReturnValue:
    """Try a step again now; a step with unknown outcome is searched in the CRM first."""
    intent = _intent(intent_id)
    services().decisions.look_up_again(intent.session_id, None, intent.step, intent.occurrence)
    return redirect(PAGE, 303)


@blueprint.post(f"{PAGE}/<int:intent_id>/exists")
@role("admin", "supervisor")
def it_exists(intent_id: int) -> ResponseReturnValue:
    """Take a person's decision that it exists in the CRM."""
    intent, crm_id = _intent(intent_id), inputs.form().get("crm_id", "").strip() or None
    services().decisions.it_exists(intent.session_id, None, intent.step, intent.occurrence, crm_id)
    return redirect(PAGE, 303)


@blueprint.post(f"{PAGE}/<int:intent_id>/send-again")
@role("admin", "supervisor")
def send_again(intent_id: int) -> ResponseReturnValue:
    """Take a person's decision that it doesn't exist in the CRM, and send it again."""
    intent = _intent(intent_id)
    services().decisions.send_again(intent.session_id, None, intent.step, intent.occurrence)
    return redirect(PAGE, 303)


@blueprint.post(f"{PAGE}/<int:intent_id>/discard")
@role("admin", "supervisor")
def discard(intent_id: int) -> ResponseReturnValue:
    """Discard a step, and the steps of its session that wait for it."""
    user = require("admin", "supervisor")
    services().decisions.discard(intent_id, user.id)
    return redirect(PAGE, 303)


@blueprint.post(f"{PAGE}/discard")
@role("admin", "supervisor")
def discard_all() -> ResponseReturnValue:
    """Discard all steps that wait for a CRM which the settings don't name."""
    user = require("admin", "supervisor")
    services().decisions.discard_all(inputs.form().get("crm_key", ""), user.id)
    return redirect(PAGE, 303)


@blueprint.post(f"{PAGE}/jobs/<int:job_id>/again")
@role("admin", "supervisor")
def run_again(job_id: int) -> ResponseReturnValue:
    """Run a failed job again.

    Raises:
        TransitionError: It is running again already.
    """
    with services().database.write() as connection:
        if not job_rows.retry(connection, job_id, services().clock.now()):
            raise TransitionError("run again", "not failed", ("failed",))
    return redirect(PAGE, 303)


@blueprint.post(f"{PAGE}/webhooks/<key>/again", defaults={"delivery_id": None})
@blueprint.post(f"{PAGE}/webhooks/<key>/<int:delivery_id>/again")
@role("admin", "supervisor")
def send_webhook_again(key: str, delivery_id: int | None) -> ResponseReturnValue:
    """Send a message to a webhook again now, or all of its failed ones.

    Raises:
        TransitionError: Nothing of the kind waits or has failed.
    """
    now = services().clock.now()
    with services().database.write() as connection:
        if not webhook_deliveries.retry(connection, key, now, delivery_id):
            raise TransitionError("send again", "received", ("failed", "waiting"))
        receivers.wake(connection, key, now)
    return redirect(PAGE, 303)


@blueprint.post(f"{PAGE}/webhooks/<key>/discard")
@role("admin", "supervisor")
def discard_webhook(key: str) -> ResponseReturnValue:
    """Discard all failed messages of a webhook."""
    with services().database.write() as connection:
        webhook_deliveries.discard(connection, key)
    return redirect(PAGE, 303)


@blueprint.post(f"{PAGE}/unshown/<int:noted_id>/seen")
@role("admin", "supervisor")
def seen(noted_id: int) -> ResponseReturnValue:
    """Remove an entry from the list of rows that could not be shown."""
    with services().database.write() as connection:
        failed_items.dismiss(connection, noted_id)
    return redirect(PAGE, 303)


def _intent(intent_id: int) -> Intent:
    with services().database.read() as connection:
        return deliveries.find(connection, intent_id)
