"""Splits a name into first and last name.

Source: docs/reference/sessions.md, People and roles.
"""

NO_LAST_NAME = "--"


def split(name: str) -> tuple[str, str]:
    """Split at the first space: `("James", "Bond")`; `("Cher", "--")`."""
    first, _, last = " ".join(name.split()).partition(" ")
    return first, last or NO_LAST_NAME
