"""The roles of users."""

from collections.abc import Iterable
from typing import Literal, cast, get_args

from host.errors import FieldsError

Role = Literal["admin", "supervisor", "agent"]
"""Admin: settings. Supervisor: monitoring and reports. Agent: the adapters."""

ROLES: tuple[Role, ...] = get_args(Role)


def check_roles(given: Iterable[str]) -> list[Role]:
    """Return the roles if all are known.

    Raises:
        FieldsError: A role is unknown.
    """
    roles = list(given)
    if unknown := sorted(set(roles) - set(ROLES)):
        raise FieldsError({"roles": f"found {', '.join(unknown)}; known: {', '.join(ROLES)}"})
    return cast("list[Role]", roles)
