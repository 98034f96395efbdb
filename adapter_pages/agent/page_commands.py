"""Reads the commands that an embedding page posts into an adapter, and checks that its origin may send them.

The adapter's script has checked that the message came from the page that embeds it, and passes on its origin. Which
command an origin may send is decided here, by the current settings.

Source: docs/reference/events.md, Commands into the adapter.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from sqlalchemy import Connection, select

from host import hosts
from host.db.tables import participants, sessions
from host.errors import FieldsError, NotAllowedError
from host.sessions.participants import PRESENT
from host.settings.document.sections import Command as Granted
from host.settings.document.sections import Embedding

OPEN_TO_ALL = ("Dial", "Set_Status", "Focus_Chat", "Set_Record")
"""Commands of every page on the allow-list; the others have to be granted to its origin (`embedding.commands`)."""
TYPES = tuple(dict.fromkeys((*OPEN_TO_ALL, *get_args(Granted))))


@dataclass(frozen=True)
class PageCommand:
    """A command of an embedding page, as a command of the adapter."""

    name: str
    """A name of `adapter_pages.agent.commands.COMMANDS`."""
    args: Mapping[str, Any]


def read(args: Mapping[str, Any], embedding: Embedding, own_origin: str) -> PageCommand:
    """Read a command that a page has posted.

    Args:
        args: `{"origin", "type", "data"}`.
        embedding: Which origins may send what.
        own_origin: Of the host; it is always on the allow-list.

    Raises:
        FieldsError: There is no such command, or its data are no object.
        NotAllowedError: The origin may not send it.
    """
    origin, type_, data = args.get("origin"), args.get("type"), args.get("data")
    if not isinstance(type_, str) or type_ not in TYPES:
        raise FieldsError({"type": f"found {type_!r}; there are: {', '.join(TYPES)}"})
    _check(origin, type_, embedding, own_origin)
    if data is None:
        data = {}
    if not isinstance(data, Mapping):
        raise FieldsError({"data": f"must be an object, found {type(data).__name__}"})
    return _READ[type_](data)


def needs_session(command: PageCommand) -> bool:
    """Tell whether the page has left out which session it means."""
    return "session_id" in command.args and command.args["session_id"] is None


def find_session(connection: Connection, command: PageCommand, agent_id: int) -> int:
    """Return the session that a command without an id means: the only offer, or the agent's only call.

    Raises:
        FieldsError: There is none, or more than one.
    """
    found = (_offers if command.name in ("answer", "decline") else _calls)(connection, agent_id)
    if len(found) != 1:
        many = "several" if found else "no"
        what = "offers" if command.name in ("answer", "decline") else "calls"
        raise FieldsError({"call_id": f"is missing, and there are {many} {what}; name the call_id or chat_id"})
    return found[0]


def _check(origin: object, type_: str, embedding: Embedding, own_origin: str) -> None:
    if not isinstance(origin, str):
        raise FieldsError({"origin": f"must be a text, found {origin!r}"})
    known = [own_origin, *embedding.allowed_origins]
    if not any(hosts.is_same_origin(origin, each) for each in known):
        raise NotAllowedError(f"{origin} is not on the allow-list (embedding.allowed_origins).")
    granted = [each for site, each in embedding.commands.items() if hosts.is_same_origin(origin, site)]
    if type_ not in OPEN_TO_ALL and not any(type_ in each for each in granted):
        raise NotAllowedError(f"{origin} may not send {type_}; an admin can grant it (embedding.commands).")


def _session(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"session_id": data.get("call_id") if data.get("call_id") is not None else data.get("chat_id")}


def _about_session(name: str) -> Callable[[Mapping[str, Any]], PageCommand]:
    return lambda data: PageCommand(name, _session(data))


def _focus(data: Mapping[str, Any]) -> PageCommand:
    if data.get("chat_id") is None:
        raise FieldsError({"chat_id": "is missing"})
    return PageCommand("focus", {"session_id": data["chat_id"]})


def _send_message(data: Mapping[str, Any]) -> PageCommand:
    if data.get("chat_id") is None:
        raise FieldsError({"chat_id": "is missing"})
    return PageCommand("message", {"session_id": data["chat_id"], "text": data.get("text")})


def _set_record(data: Mapping[str, Any]) -> PageCommand:
    if data.get("account_id") is None and data.get("record_id") is None:
        raise FieldsError({"record_id": "is missing; give a record_id, an account_id, or both"})
    ids = {"account_id": data.get("account_id"), "record_id": data.get("record_id")}
    return PageCommand("set_record", {**_session(data), **ids})


def _dial(data: Mapping[str, Any]) -> PageCommand:
    return PageCommand("dial", {name: data.get(name) for name in ("phone_number", "account_id", "record_id")})


_READ: Mapping[str, Callable[[Mapping[str, Any]], PageCommand]] = {
    "Dial": _dial,
    "Set_Status": lambda data: PageCommand("status", {"status": data.get("status")}),
    "Focus_Chat": _focus,
    "Set_Record": _set_record,
    "Answer": _about_session("answer"),
    "Decline": _about_session("decline"),
    "Hold": _about_session("hold"),
    "Resume": _about_session("resume"),
    "Mute": _about_session("mute"),
    "Unmute": _about_session("unmute"),
    "End": _about_session("end"),
    "Send_Message": _send_message,
}


def _offers(connection: Connection, agent_id: int) -> list[int]:
    offered = select(sessions.c.id).where(sessions.c.offered_to == agent_id, sessions.c.status == "assigned")
    invited = select(participants.c.session_id).where(
        participants.c.user_id == agent_id, participants.c.status == "invited"
    )
    return [*connection.execute(offered).scalars(), *connection.execute(invited).scalars()]


def _calls(connection: Connection, agent_id: int) -> list[int]:
    here = (participants.c.user_id == agent_id) & participants.c.status.in_(PRESENT)
    of_call = (participants.c.session_id == sessions.c.id) & (sessions.c.channel == "call")
    return list(connection.execute(select(sessions.c.id).where(here, of_call).distinct()).scalars())
