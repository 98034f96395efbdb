"""Who is offered what: the longest idle agent who is there, works in the queue and has room.

The tree of queues belongs to `host.queues`, the life of a chat to `host.sessions`. Read `routing.py` first.
"""
