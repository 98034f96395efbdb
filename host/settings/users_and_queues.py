"""Imports and exports the users and queues of a settings file; they are rows, merged by e-mail and by path."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from host.addresses import shortened
from host.errors import FieldsError
from host.events import journal
from host.queues import tree
from host.queues.settings import QueueSettings
from host.schema import SECRET_IS_SET
from host.settings.document.model import Document, QueueEntry, UserEntry
from host.settings.problems import Location, nearest, path_of
from host.users import directory, password_rules, passwords
from host.users.directory import UserFields


def without_kept_passwords(connection: Connection, users: Any, problems: dict[str, str]) -> Any:
    """Return the file's users without `{"secret": "set"}`: without a password, the stored one stays."""
    if not isinstance(users, list):
        return users
    kept = []
    for index, user in enumerate(users):
        if not isinstance(user, dict) or user.get("password") != SECRET_IS_SET:
            kept.append(user)
            continue
        if directory.password_hash(connection, str(user.get("email", ""))) is None:
            problems[path_of(("users", index, "password"))] = "no password is stored for this user; give it as text"
        kept.append({key: value for key, value in user.items() if key != "password"})
    return kept


def unknown_agents(connection: Connection, document: Document) -> Iterator[tuple[Location, str]]:
    """Yield the agents of queues who are neither in the database nor in the file."""
    known = {user.email for user in directory.all(connection)} | {user.email.lower() for user in document.users}
    yield from _unknown_below((), document.queues, known)


def weak_passwords(connection: Connection, document: Document) -> Iterator[tuple[Location, str]]:
    """Yield the new passwords that are too short or too common; a user's current password is accepted."""
    for index, user in enumerate(document.users):
        password = user.password.get_secret_value() if user.password else None
        if not password or len(password) > passwords.MAX_LENGTH:
            continue  # `save` refuses it
        problem = password_rules.weakness(password, user.email)
        if problem and not passwords.verify(directory.password_hash(connection, user.email), password):
            yield ("users", index, "password"), problem


def save(connection: Connection, document: Document, now: datetime) -> None:
    """Add and change the file's users and queues; absent keys stay unchanged, and nothing is deleted.

    The adapters of changed users check whether they may still be open.

    Raises:
        FieldsError: A value is refused when it is stored; names its path.
    """
    for index, user in enumerate(document.users):
        try:
            saved = directory.upsert(connection, user.email, **_fields(connection, user))
        except FieldsError as error:
            problems = {path_of(("users", index, name)): reason for name, reason in error.problems.items()}
            raise FieldsError(problems) from error
        journal.append(connection, "user_changed", now=now, agent_id=saved.id)
    _save_queues(connection, (), document.queues)


def users(connection: Connection) -> list[dict[str, Any]]:
    """Return the users for a file, with passwords masked."""
    found = []
    for user in sorted(directory.all(connection), key=lambda user: user.id):
        entry: dict[str, Any] = {"email": user.email, "name": user.name, "roles": sorted(user.roles)}
        entry |= {"agent_number": user.agent_number, "max_chats": user.max_chats}
        if directory.password_hash(connection, user.email) is not None:
            entry["password"] = SECRET_IS_SET
        found.append(entry)
    return found


def queues(connection: Connection) -> list[dict[str, Any]]:
    """Return the tree of queues for a file."""
    emails = {user.id: user.email for user in directory.all(connection)}
    top: list[dict[str, Any]] = []
    below: dict[int | None, list[dict[str, Any]]] = {None: top}
    for queue in tree.all(connection):
        agents = [emails[each] for each in tree.agent_ids(connection, queue.id)]
        children: list[dict[str, Any]] = []
        settings = queue.settings.model_dump(mode="json", by_alias=True)
        entry = {"name": queue.name, "lang": queue.lang, "agents": agents, **settings, "queues": children}
        below[queue.parent_id].append(entry)
        below[queue.id] = children
    return top


def _fields(connection: Connection, user: UserEntry) -> UserFields:
    given = user.model_fields_set
    if directory.by_email(connection, user.email) is None:
        given = given | {"roles"}
    fields = UserFields()
    if "name" in given and user.name is not None:
        fields["name"] = user.name
    if "roles" in given:
        fields["roles"] = list(user.roles)
    if "agent_number" in given:
        fields["agent_number"] = user.agent_number
    if "max_chats" in given:
        fields["max_chats"] = user.max_chats
    if user.password is not None:
        fields["password"] = user.password.get_secret_value()
    return fields


def _save_queues(connection: Connection, above: tuple[str, ...], entries: tuple[QueueEntry, ...]) -> None:
    for entry in entries:
        path = (*above, entry.name)
        given = entry.model_fields_set & QueueSettings.model_fields.keys()
        settings = entry.model_dump(mode="json", by_alias=True, include=given)
        lang = entry.lang if "lang" in entry.model_fields_set else None
        queue = tree.upsert(connection, path, lang=lang, settings=settings)
        if entry.agents is not None:
            members = (directory.by_email(connection, email) for email in entry.agents)
            tree.set_agents(connection, queue.id, [user.id for user in members if user])
        _save_queues(connection, path, entry.queues)


def _unknown_below(
    location: Location, entries: tuple[QueueEntry, ...], known: set[str]
) -> Iterator[tuple[Location, str]]:
    for index, entry in enumerate(entries):
        here = (*location, "queues", index)
        for position, email in enumerate(entry.agents or ()):
            if email.lower() not in known:
                found = f"found {shortened(email)}{nearest(email, known)}; allowed: the e-mail of a user"
                yield (*here, "agents", position), found
        yield from _unknown_below(here, entry.queues, known)
