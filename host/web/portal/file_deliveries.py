"""Decisions about files and mails that have not arrived, on the page Deliveries.

Source: docs/operations.md, Deliveries and jobs.
"""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from host.deliveries import deliveries
from host.web.current import services
from host.web.portal.deliveries import PAGE
from host.web.security.access import role

blueprint = Blueprint("portal_file_deliveries", __name__)


@blueprint.post(f"{PAGE}/files/again", defaults={"delivery_id": None})
@blueprint.post(f"{PAGE}/files/<int:delivery_id>/again")
@role("admin", "supervisor")
def try_again(delivery_id: int | None) -> ResponseReturnValue:
    """Try a delivery again now, or all that have failed; what has arrived meanwhile stays as it is."""
    with services().database.write() as connection:
        deliveries.retry(connection, services().clock.now(), delivery_id)
    return redirect(PAGE, 303)


@blueprint.post(f"{PAGE}/files/<int:delivery_id>/discard")
@role("admin", "supervisor")
def discard(delivery_id: int) -> ResponseReturnValue:
    """Give a delivery up for good, unless it has arrived meanwhile; the file itself stays."""
    with services().database.write() as connection:
        deliveries.discard(connection, delivery_id)
    return redirect(PAGE, 303)
