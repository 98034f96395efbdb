"""Calls and chats: their status, their messages, and the events for the adapters.

No HTTP and no CRM; `host.routing` chooses the agent. Read `model.py` and `lifecycle.py` first, then `chats.py`.
"""
