"""What an agent may do over his adapter's socket: a table of names, each checked and handed on.

Acts come again after a broken connection, with the same id; doing one twice must do nothing more.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from host.errors import FieldsError, HostError, RequestError
from host.services import Services

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Act:
    """One thing that the agent did."""

    id: str
    agent_id: int
    args: Mapping[str, Any]

    @property
    def session_id(self) -> int:
        """The session that it is about.

        Raises:
            FieldsError: None is given.
        """
        value = self.args.get("session_id")
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**53:
            raise FieldsError({"session_id": f"must be the number of a session, found {value!r}"})
        return value


def perform(services: Services, agent_id: int, message: Mapping[str, Any]) -> dict[str, Any]:
    """Do what the message asks, and return the answer: `{"op": "done", "id", "error"?}`."""
    act_id, name, args = (message.get(key) for key in ("id", "name", "args"))
    answer: dict[str, Any] = {"op": "done", "id": act_id if isinstance(act_id, str) else ""}
    try:
        if not isinstance(act_id, str) or not _ID.fullmatch(act_id):
            raise FieldsError({"id": "must be 1 to 64 letters, digits, _ or -"})
        if not isinstance(name, str) or name not in ACTS:
            raise FieldsError({"name": f"must be one of {', '.join(ACTS)}"})
        if not isinstance(args, dict):
            raise FieldsError({"args": "must be an object"})
        ACTS[name](services, Act(act_id, agent_id, args))
    except HostError as error:
        answer["error"] = {"error": error.code, "message": str(error), "retryable": error.retryable}
    return answer


def _status(services: Services, act: Act) -> None:
    services.agents.set_status(act.agent_id, act.args.get("status"))


def _answer(services: Services, act: Act) -> None:
    services.chats.answer(act.session_id, act.agent_id)


def _decline(services: Services, act: Act) -> None:
    services.chats.decline(act.session_id, act.agent_id)


def _message(services: Services, act: Act) -> None:
    services.chats.say(act.session_id, act.agent_id, act.args.get("text"), act.id)


def _end(services: Services, act: Act) -> None:
    services.chats.end(act.session_id, by="agent", agent_id=act.agent_id)


def _focus(services: Services, act: Act) -> None:
    services.chats.focus(act.session_id, act.agent_id)


def _look_up_again(services: Services, act: Act) -> None:
    step = act.args.get("step")
    if step not in {"account", "record"}:
        raise RequestError(f"step must be account or record, found {step!r}")
    services.agents.look_up_again(act.session_id, act.agent_id, step)


ACTS: dict[str, Callable[[Services, Act], None]] = {
    "status": _status,
    "answer": _answer,
    "decline": _decline,
    "message": _message,
    "end": _end,
    "focus": _focus,
    "look_up_again": _look_up_again,
}
