"""The commands of agents about calls, transfers, and wrap-ups: what `commands.COMMANDS` has of them."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from host import phone
from host.errors import FieldsError
from host.services import Services
from host.sessions import repository
from host.sessions.calls import NewCall
from host.sessions.model import CrmId
from host.sessions.transfers import Target

if TYPE_CHECKING:
    from adapter_pages.agent.commands import Command

ID_MAX = 200


def _hold(services: Services, command: "Command") -> None:
    services.actions.controls.hold(command.session_id, command.agent_id)


def _resume(services: Services, command: "Command") -> None:
    services.actions.controls.resume(command.session_id, command.agent_id)


def _mute(services: Services, command: "Command") -> None:
    services.actions.controls.set_muted(command.session_id, command.agent_id, muted=True)


def _unmute(services: Services, command: "Command") -> None:
    services.actions.controls.set_muted(command.session_id, command.agent_id, muted=False)


def _pause_recording(services: Services, command: "Command") -> None:
    services.actions.controls.set_recording_paused(command.session_id, command.agent_id, paused=True)


def _resume_recording(services: Services, command: "Command") -> None:
    services.actions.controls.set_recording_paused(command.session_id, command.agent_id, paused=False)


def _keypad(services: Services, command: "Command") -> None:
    services.actions.controls.send_digits(command.session_id, command.agent_id, command.args.get("digits"))


def _transfer(services: Services, command: "Command") -> None:
    is_warm = command.args.get("warm", False)
    if not isinstance(is_warm, bool):
        raise FieldsError({"warm": f"must be true or false, found {is_warm!r}"})
    target = Target.read(command.args.get("to"), command.args.get("target"))
    services.actions.transfers.transfer(command.session_id, command.agent_id, target, is_warm=is_warm)


def _cancel_transfer(services: Services, command: "Command") -> None:
    services.actions.transfers.cancel(command.session_id, command.agent_id)


def _add_party(services: Services, command: "Command") -> None:
    args = command.args
    if (args.get("agent_id") is None) == (args.get("phone_number") is None):
        raise FieldsError({"agent_id": "give either agent_id or phone_number"})
    agent_id = None if args.get("agent_id") is None else _row_id(args, "agent_id")
    number = None if agent_id is not None else _phone_number(services, args)
    services.actions.controls.add_party(command.session_id, command.agent_id, agent_id=agent_id, phone=number)


def _remove_party(services: Services, command: "Command") -> None:
    participant_id = _row_id(command.args, "participant_id")
    services.actions.controls.remove_party(command.session_id, command.agent_id, participant_id)


def _end(services: Services, command: "Command") -> None:
    with services.database.read() as connection:
        channel = repository.get(connection, command.session_id).channel
    actions = services.calls if channel == "call" else services.chats
    actions.end(command.session_id, by="agent", agent_id=command.agent_id)


def _dial(services: Services, command: "Command") -> None:
    new = NewCall(
        type="voice_outbound",
        phone=_phone_number(services, command.args),
        account_id=_crm_id(command.args, "account_id"),
        record_id=_crm_id(command.args, "record_id"),
        idempotency_key=f"dial:{command.agent_id}:{command.id}",
    )
    services.calls.dial(command.agent_id, new)


def _wrap_up_draft(services: Services, command: "Command") -> None:
    disposition, notes = command.args.get("disposition"), command.args.get("notes")
    services.actions.wrap_ups.save(command.session_id, command.agent_id, disposition, notes)


def _wrap_up(services: Services, command: "Command") -> None:
    disposition, notes, status = (command.args.get(name) for name in ("disposition", "notes", "status"))
    services.actions.wrap_ups.finish(command.session_id, command.agent_id, disposition, notes, next_status=status)


def _row_id(args: Mapping[str, Any], name: str) -> int:
    value = args.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**53:
        raise FieldsError({name: f"must be a whole number above 0, found {value!r}"})
    return value


def _phone_number(services: Services, args: Mapping[str, Any]) -> str:
    value = args.get("phone_number")
    region = services.settings.current().crm.default_region
    number = phone.dialled(value, region) if isinstance(value, str) else None
    if number is None:
        found = value[:40] if isinstance(value, str) else type(value).__name__
        raise FieldsError({"phone_number": f"found {found!r}; enter a phone number, such as +1 222 333 4444"})
    return number


def _crm_id(args: Mapping[str, Any], name: str) -> CrmId | None:
    value = args.get(name)
    is_id = value is None or (isinstance(value, str | int) and not isinstance(value, bool))
    if not is_id or len(str(value)) > ID_MAX:
        raise FieldsError({name: f"must be an id in the CRM, found {str(value)[:40]!r}"})
    return value or None


CALL_COMMANDS: Mapping[str, Callable[[Services, "Command"], None]] = {
    "hold": _hold,
    "resume": _resume,
    "mute": _mute,
    "unmute": _unmute,
    "keypad": _keypad,
    "pause_recording": _pause_recording,
    "resume_recording": _resume_recording,
    "transfer": _transfer,
    "cancel_transfer": _cancel_transfer,
    "add_party": _add_party,
    "remove_party": _remove_party,
    "end": _end,
    "dial": _dial,
    "wrap_up_draft": _wrap_up_draft,
    "wrap_up": _wrap_up,
}
