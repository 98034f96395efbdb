"""Routing: offers waiting chats to agents.

The tree of queues belongs to `host.queues`, the life of a chat to `host.sessions`. Read `routing.py` first.
"""
