"""The shell's own handlers: log events, show records."""

from patchbay import on

TYPE_CHECKING = False  # MicroPython has no typing; checkers take this name as true
if TYPE_CHECKING:
    from patchbay import Event, Shell


@on("*")
def log_event(event: "Event", shell: "Shell") -> None:
    """Add each new event to the event log."""
    if not event.replayed:
        shell.log_event(event)


@on("CRM_Record_Pop")
def pop_record(event: "Event", shell: "Shell") -> None:
    """Show the record; a replayed pop restores its tab after a reload."""
    if event.replayed:
        shell.restore(event.data["recordUrl"])
    else:
        shell.pop(event.data["recordUrl"])
