"""The journal of events, and what brings them to open sockets: bus, hub, tabs and pop arbiter.

Rules of sessions or queues, and rendered URLs, don't belong here. Read `journal.py` first.
"""
