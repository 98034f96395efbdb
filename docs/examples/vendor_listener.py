"""An example of a vendor's listener file: greets, counts, and opens the account beside the record.

Name it in the settings (`listeners.files`); docs/listeners.md tells the rest.
"""

from patchbay import on

TYPE_CHECKING = False  # MicroPython has no typing; checkers take this name as true
if TYPE_CHECKING:
    from patchbay import Event, Shell

open_chats: "set[int]" = set()


@on("New_Chat")
async def greet(event: "Event", shell: "Shell") -> None:
    """Count the chat; say so, unless it is an old one that only comes back with the page."""
    open_chats.add(event.data["chat_id"])
    if not event.replayed:
        shell.notify(f"Chat {event.data['chat_id']} in {event.data.get('queue_path', 'no queue')}")


@on("End_Chat", "Dismissed_Chat")
def count_down(event: "Event", shell: "Shell") -> None:
    """Log how many are left."""
    open_chats.discard(event.data["chat_id"])
    if not event.replayed:
        shell.log(f"{len(open_chats)} chats open")


@on("CRM_Record_Pop")
def show_account_too(event: "Event", shell: "Shell") -> None:
    """Open the account, and then the record again, so that the record is in front."""
    account_url = event.data.get("accountUrl")
    if account_url and not event.replayed:
        shell.pop(account_url)
        shell.pop(event.data["recordUrl"])
