"""The pages that show sessions: `/agent/` (the adapters) and `/consumer/` (the consumer's chat).

What a session is and what may happen to it belongs to `host.sessions`. Read `agent/views.py` first.
"""
