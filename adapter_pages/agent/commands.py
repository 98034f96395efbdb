"""Runs the commands that an adapter sends over its socket: a table of names and functions.

After a broken connection the page sends a command again, with the same id; the second run must change nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapter_pages.agent import page_commands
from adapter_pages.agent.call_commands import CALL_COMMANDS
from adapter_pages.shared import messages
from host.errors import FieldsError, HostError
from host.services import Services

STEPS = ("account", "record", "comment", "update", "upload")
ID_MAX = 200
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Command:
    """One command of an agent."""

    id: str
    agent_id: int
    args: Mapping[str, Any]

    @property
    def session_id(self) -> int:
        """The session in the arguments.

        Raises:
            FieldsError: There is none.
        """
        value = self.args.get("session_id")
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**53:
            raise FieldsError({"session_id": f"must be the number of a session, found {value!r}"})
        return value

    def message_id(self, name: str) -> int:
        """Return the message id in the arguments; 0 stands for none.

        Raises:
            FieldsError: There is none.
        """
        return messages.read_id(self.args, name)

    def crm_step(self, allowed: Sequence[str] = STEPS) -> tuple[str, str]:
        """Return the CRM step in the arguments: its name and its occurrence.

        Raises:
            FieldsError: There is no such step.
        """
        step, occurrence = self.args.get("step"), self.args.get("occurrence", "")
        if not isinstance(step, str) or step not in allowed:
            raise FieldsError({"step": f"must be one of {', '.join(allowed)}, found {step!r}"})
        if not isinstance(occurrence, str):
            raise FieldsError({"occurrence": f"must be a text, found {occurrence!r}"})
        return step, occurrence

    def crm_id(self, field: str = "id") -> str | int | None:
        """Return the CRM id in the arguments, or None.

        Args:
            field: Its name in the error.

        Raises:
            FieldsError: It is no valid id.
        """
        value = self.args.get("id")
        is_id = value is None or (isinstance(value, str | int) and not isinstance(value, bool))
        if not is_id or len(str(value)) > ID_MAX:
            raise FieldsError({field: f"must be an id in the CRM, found {str(value)[:40]!r}"})
        return value or None


def perform(services: Services, agent_id: int, message: Mapping[str, Any]) -> dict[str, Any]:
    """Run the command in a message; return the answer: `{"op": "done", "id", "error"?}`."""
    act_id, name, args = (message.get(key) for key in ("id", "name", "args"))
    answer: dict[str, Any] = {"op": "done", "id": act_id if isinstance(act_id, str) else ""}
    try:
        if not isinstance(act_id, str) or not _ID.fullmatch(act_id):
            raise FieldsError({"id": "must be 1 to 64 letters, digits, _ or -"})
        if not isinstance(name, str) or name not in COMMANDS:
            raise FieldsError({"name": f"must be one of {', '.join(COMMANDS)}"})
        if not isinstance(args, dict):
            raise FieldsError({"args": "must be an object"})
        COMMANDS[name](services, Command(act_id, agent_id, args))
    except HostError as error:
        return refused(message, error)
    return answer


def refused(message: Mapping[str, Any], error: HostError) -> dict[str, Any]:
    """Return the answer to a command that was refused."""
    act_id = message.get("id")
    words = {"error": error.code, "message": str(error), "retryable": error.retryable, "fields": dict(error.fields)}
    return {"op": "done", "id": act_id if isinstance(act_id, str) else "", "error": words}


def _status(services: Services, command: Command) -> None:
    services.agents.set_status(command.agent_id, command.args.get("status"))


def _answer(services: Services, command: Command) -> None:
    services.actions.offers.answer(command.session_id, command.agent_id)


def _decline(services: Services, command: Command) -> None:
    services.actions.offers.decline(command.session_id, command.agent_id)


def _message(services: Services, command: Command) -> None:
    services.chats.say(command.session_id, command.agent_id, command.args.get("text"), command.id)


def _dismiss(services: Services, command: Command) -> None:
    services.chats.dismiss(command.session_id, command.agent_id)


def _resume_chat(services: Services, command: Command) -> None:
    services.chats.resume(command.session_id, command.agent_id)


def _focus(services: Services, command: Command) -> None:
    services.chats.focus(command.session_id, command.agent_id)


def _typing(services: Services, command: Command) -> None:
    services.receipts.typing(command.session_id, command.agent_id)


def _read(services: Services, command: Command) -> None:
    delivered, seen = command.message_id("delivered"), command.message_id("seen")
    services.receipts.read(command.session_id, delivered=delivered, seen=seen, agent_id=command.agent_id)


def _look_up_again(services: Services, command: Command) -> None:
    step, occurrence = command.crm_step()
    services.decisions.look_up_again(command.session_id, command.agent_id, step, occurrence)


def _choose(services: Services, command: Command) -> None:
    step, _ = command.crm_step(STEPS[:2])
    services.decisions.choose(command.session_id, command.agent_id, step, command.crm_id())


def _it_exists(services: Services, command: Command) -> None:
    step, occurrence = command.crm_step()
    services.decisions.it_exists(command.session_id, command.agent_id, step, occurrence, command.crm_id())


def _send_again(services: Services, command: Command) -> None:
    step, occurrence = command.crm_step()
    services.decisions.send_again(command.session_id, command.agent_id, step, occurrence)


def _set_record(services: Services, command: Command) -> None:
    """Use the account and record that a page names."""
    for step in STEPS[:2]:
        crm_id = Command(command.id, command.agent_id, {"id": command.args.get(f"{step}_id")}).crm_id(f"{step}_id")
        if crm_id is not None:
            services.decisions.set_known(command.session_id, command.agent_id, step, crm_id)


def _page_command(services: Services, command: Command) -> None:
    """Run a command of the page that embeds the adapter."""
    own_origin, embedding = services.config.public_url, services.settings.current().embedding
    asked = page_commands.read(command.args, embedding, own_origin)
    args = dict(asked.args)
    if page_commands.needs_session(asked):
        with services.database.read() as connection:
            args["session_id"] = page_commands.find_session(connection, asked, command.agent_id)
    COMMANDS[asked.name](services, Command(command.id, command.agent_id, args))


COMMANDS: dict[str, Callable[[Services, Command], None]] = {
    "status": _status,
    "answer": _answer,
    "decline": _decline,
    "message": _message,
    "dismiss": _dismiss,
    "resume_chat": _resume_chat,
    "focus": _focus,
    "typing": _typing,
    "read": _read,
    "look_up_again": _look_up_again,
    "choose": _choose,
    "it_exists": _it_exists,
    "send_again": _send_again,
    **CALL_COMMANDS,
    "set_record": _set_record,
    "page_command": _page_command,
}
