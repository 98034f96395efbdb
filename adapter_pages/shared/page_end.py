"""Reads from the address before which message a page of messages ends."""

from host.errors import FieldsError
from host.web import inputs

MOST = 2**53


def page_end() -> int:
    """Return the message id in `?before=103646`.

    Raises:
        FieldsError: It is missing, or no message id.
    """
    given = inputs.query().get("before") or ""
    if not (given.isascii() and given.isdecimal() and len(given) < 17 and int(given) < MOST):
        raise FieldsError({"before": "must be the number of a message"})
    return int(given)
