"""`/agent/`: the call and the chat adapter of one agent, their sockets and what they show.

What consumers see belongs to `adapter_pages.consumer`. Read `desk.py` first: it says what an adapter shows.
"""
