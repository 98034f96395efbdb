"""Calls and chats: their state, what may happen to them, and what they say to the adapters.

No HTTP, no CRM, and no choice of an agent: that is routing's, in `host.queues`.
"""
