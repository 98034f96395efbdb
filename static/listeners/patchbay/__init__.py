"""Handlers for the adapters' events: `from patchbay import on`.

    @on("New_Chat")
    async def greet(event, shell):
        shell.notify("Chat " + str(event.data["chat_id"]))

The same files run on MicroPython and Pyodide (the page) and on CPython (tests). Nothing here touches the browser.
"""

from patchbay.crm import CrmError
from patchbay.event import Event
from patchbay.registry import ANY, Registry
from patchbay.shell import Shell

__all__ = ["ANY", "CrmError", "Event", "Registry", "Shell", "on", "registry"]

registry = Registry()
on = registry.on
