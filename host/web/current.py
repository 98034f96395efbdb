"""Gives views the `Services` of the running application."""

from typing import TYPE_CHECKING, cast

from flask import current_app

if TYPE_CHECKING:
    from host.services import Services

EXTENSION = "patchbay"


def services() -> "Services":
    """Return the services of the current application."""
    return cast("Services", current_app.extensions[EXTENSION])
