"""How a view gets at the parts of the host."""

from typing import TYPE_CHECKING, cast

from flask import current_app

if TYPE_CHECKING:
    from host.services import Services

EXTENSION = "patchbay"


def services() -> "Services":
    """Return what the app was built with."""
    return cast("Services", current_app.extensions[EXTENSION])
