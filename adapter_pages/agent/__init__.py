"""`/agent/`: the call adapter and the chat adapter of an agent, and their sockets.

The consumer's page belongs to `adapter_pages.consumer`. Read `desk.py` first: it defines what an adapter shows.
"""
