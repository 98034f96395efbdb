"""Users in the database: find, list, add and change them."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TypedDict, Unpack

from sqlalchemy import Connection, RowMapping, insert, select, update

from host.db.tables import users
from host.errors import FieldsError
from host.users import names, passwords, sign_ins
from host.users.roles import Role, check_roles


@dataclass(frozen=True)
class User:
    """One user."""

    id: int
    email: str
    """Lower case."""
    name: str
    agent_number: str | None
    """`007`; `agent_custom_id` in events."""
    roles: frozenset[Role]
    max_chats: int
    status: str
    status_since: datetime | None
    status_before: str | None
    """The status before Unresponsive."""
    idle_since: datetime | None
    """Since when the agent has been waiting for work; None when not waiting."""
    active_chat_id: int | None
    is_active: bool

    @property
    def first_name(self) -> str:
        """`James`."""
        return names.split(self.name)[0]

    @property
    def last_name(self) -> str:
        """`Bond`; `--` when there is none."""
        return names.split(self.name)[1]


class UserFields(TypedDict, total=False):
    """The fields that `upsert` may set; others stay unchanged, or take their default."""

    name: str
    agent_number: str | None
    roles: list[Role]
    password: str
    max_chats: int
    is_active: bool


COLUMNS = tuple(users.c[item.name] for item in fields(User))


def from_row(row: RowMapping) -> User:
    """Make a user of a row that has `COLUMNS`."""
    values = {column.name: row[column.name] for column in COLUMNS}
    return User(**{**values, "roles": frozenset(row["roles"])})


def by_id(connection: Connection, user_id: int) -> User | None:
    """Find a user, also a deactivated one."""
    row = connection.execute(select(*COLUMNS).where(users.c.id == user_id)).mappings().one_or_none()
    return from_row(row) if row else None


def by_ids(connection: Connection, user_ids: Iterable[int]) -> dict[int, User]:
    """Find several users, also deactivated ones, by id."""
    rows = connection.execute(select(*COLUMNS).where(users.c.id.in_(set(user_ids)))).mappings()
    return {row["id"]: from_row(row) for row in rows}


def by_email(connection: Connection, email: str) -> User | None:
    """Find a user by e-mail, in any case; also a deactivated one."""
    row = connection.execute(select(*COLUMNS).where(users.c.email == _plain(email))).mappings().one_or_none()
    return from_row(row) if row else None


def all(connection: Connection, *, role: Role | None = None) -> list[User]:
    """List the active users, by name; with `role`, those who have it."""
    rows = connection.execute(select(*COLUMNS).where(users.c.is_active).order_by(users.c.name, users.c.id))
    return [user for user in map(from_row, rows.mappings()) if role is None or role in user.roles]


def password_hash(connection: Connection, email: str) -> str | None:
    """Return the hash for `passwords.verify`; None for unknown and deactivated users, and without a password."""
    query = select(users.c.password_hash).where(users.c.email == _plain(email), users.c.is_active)
    return connection.execute(query).scalar_one_or_none()


def upsert(connection: Connection, email: str, **changes: Unpack[UserFields]) -> User:
    """Add the user with this e-mail, or change the given fields.

    A new password ends all sign-ins of the user, and so does deactivation.

    Raises:
        FieldsError: The e-mail or a role is invalid.
    """
    address = _checked(email)
    found = by_email(connection, address)
    given = dict(changes)
    password = given.pop("password", None)
    if "roles" in changes:
        given["roles"] = sorted(check_roles(changes["roles"]))
    if found is None:
        fresh = {"name": address, "roles": [], "max_chats": 3, "status": "Offline", "is_active": True, "email": address}
        connection.execute(insert(users).values({**fresh, **given}))
    elif given:
        connection.execute(update(users).where(users.c.email == address).values(given))
    user = by_email(connection, address)
    assert user is not None  # noqa: S101 - written above, in the same transaction
    if isinstance(password, str):
        set_password(connection, user, password)
    if not user.is_active:
        sign_ins.end_all(connection, user.id)
    return user


def set_password(connection: Connection, user: User, password: str) -> None:
    """Set the user's password; another one than before ends all their sign-ins.

    Raises:
        FieldsError: It is empty or too long.
    """
    if not 1 <= len(password) <= passwords.MAX_LENGTH:
        raise FieldsError({"password": f"found {len(password)} characters; give 1 to {passwords.MAX_LENGTH}"})
    if passwords.verify(password_hash(connection, user.email), password):
        return
    hashed = passwords.hash_password(password)
    connection.execute(update(users).where(users.c.id == user.id).values(password_hash=hashed))
    sign_ins.end_all(connection, user.id)


def _plain(email: str) -> str:
    return email.strip().lower()


def _checked(email: str) -> str:
    address = _plain(email)
    left, at, right = address.partition("@")
    if not (left and at and right) or "@" in right or len(address) > 320:
        raise FieldsError({"email": f"found {email!r}; an e-mail has one @ and something on both sides of it"})
    return address
