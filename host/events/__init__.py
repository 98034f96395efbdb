"""The journal of everything that happened, the bus that wakes, the hub of open sockets, the pop arbiter.

No rules of sessions or queues belong here, and no rendered URLs.
"""
