"""Messages between frames, shared by server and browser: event types and session types.

Standard library only, in the Python that MicroPython knows, because the browser loads the same files under the same
names. No server logic belongs here. Read `events.py` first.
"""
