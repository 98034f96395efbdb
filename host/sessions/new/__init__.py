"""New sessions: their custom data, signed or not, and their first row.

What calls and chats do about it belongs to `host.sessions.calls` and `chats`. Read `starting.py` first.
"""
