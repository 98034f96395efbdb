"""Decisions about files and mails that have not arrived, on the page Deliveries.

Source: docs/operations.md, Deliveries and jobs.
"""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from host.deliveries import deliveries
from host.errors import TransitionError
from host.web.current import services
from host.web.portal.deliveries import PAGE
from host.web.security.access import role

blueprint = Blueprint("portal_file_deliveries", __name__)


@blueprint.post(f"{PAGE}/files/again", defaults={"delivery_id": None})
@blueprint.post(f"{PAGE}/files/<int:delivery_id>/again")
@role("admin", "supervisor")
def try_again(delivery_id: int | None) -> ResponseReturnValue:
    """Try a delivery again now, or all that have failed.

    Raises:
        TransitionError: Nothing of the kind waits or has failed.
    """
    with services().database.write() as connection:
        if not deliveries.retry(connection, services().clock.now(), delivery_id):
            raise TransitionError("try again", "delivered", ("failed", "waiting"))
    return redirect(PAGE, 303)


@blueprint.post(f"{PAGE}/files/<int:delivery_id>/discard")
@role("admin", "supervisor")
def discard(delivery_id: int) -> ResponseReturnValue:
    """Give a delivery up for good; the file itself stays.

    Raises:
        TransitionError: It neither waits nor has failed.
    """
    with services().database.write() as connection:
        if not deliveries.discard(connection, delivery_id):
            raise TransitionError("discard", "delivered", ("failed", "waiting"))
    return redirect(PAGE, 303)
