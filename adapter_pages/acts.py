"""What an agent may do over his adapter's socket: a table of names, each checked and handed on.

Acts come again after a broken connection, with the same id; doing one twice must do nothing more.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from host.errors import FieldsError, HostError
from host.services import Services

STEPS = ("account", "record", "comment", "update", "upload")
ID_MAX = 200
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

    def crm_step(self, allowed: Sequence[str] = STEPS) -> tuple[str, str]:
        """Return which step in the CRM it is about: its name and its occurrence.

        Raises:
            FieldsError: There is no such step.
        """
        step, occurrence = self.args.get("step"), self.args.get("occurrence", "")
        if not isinstance(step, str) or step not in allowed:
            raise FieldsError({"step": f"must be one of {', '.join(allowed)}, found {step!r}"})
        if not isinstance(occurrence, str):
            raise FieldsError({"occurrence": f"must be a text, found {occurrence!r}"})
        return step, occurrence

    def crm_id(self) -> str | int | None:
        """Return the id in the CRM that is given; None when none is.

        Raises:
            FieldsError: It can't be one.
        """
        value = self.args.get("id")
        is_id = value is None or (isinstance(value, str | int) and not isinstance(value, bool))
        if not is_id or len(str(value)) > ID_MAX:
            raise FieldsError({"id": f"must be an id in the CRM, found {str(value)[:40]!r}"})
        return value or None


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
        return refused(message, error)
    return answer


def refused(message: Mapping[str, Any], error: HostError) -> dict[str, Any]:
    """Return the answer to an act that can't be done."""
    act_id = message.get("id")
    words = {"error": error.code, "message": str(error), "retryable": error.retryable}
    return {"op": "done", "id": act_id if isinstance(act_id, str) else "", "error": words}


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
    step, occurrence = act.crm_step()
    services.decisions.look_up_again(act.session_id, act.agent_id, step, occurrence)


def _choose(services: Services, act: Act) -> None:
    step, _ = act.crm_step(STEPS[:2])
    services.decisions.choose(act.session_id, act.agent_id, step, act.crm_id())


def _it_exists(services: Services, act: Act) -> None:
    step, occurrence = act.crm_step()
    services.decisions.it_exists(act.session_id, act.agent_id, step, occurrence, act.crm_id())


def _send_again(services: Services, act: Act) -> None:
    step, occurrence = act.crm_step()
    services.decisions.send_again(act.session_id, act.agent_id, step, occurrence)


ACTS: dict[str, Callable[[Services, Act], None]] = {
    "status": _status,
    "answer": _answer,
    "decline": _decline,
    "message": _message,
    "end": _end,
    "focus": _focus,
    "look_up_again": _look_up_again,
    "choose": _choose,
    "it_exists": _it_exists,
    "send_again": _send_again,
}
