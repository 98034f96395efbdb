"""Listens to the adapters in Python: MicroPython, in the page of a company.

An event's text is parsed here: whole numbers that cross from JavaScript to MicroPython are cut to 32 bits.
"""

import json

from pyscript import document, window
from pyscript.ffi import create_proxy


def show(event):
    """List each event, with the id of the session that it is about."""
    message = json.loads(event.text)
    data = message["data"]
    line = document.createElement("li")
    line.textContent = f"{message['type']} {data.get('chat_id') or data.get('call_id') or ''}".strip()
    document.getElementById("log").append(line)


window.Patchbay.on("*", create_proxy(show))
document.getElementById("status").textContent = "Listening"
