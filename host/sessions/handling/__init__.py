"""What agents, supervisors and gateways do with a session: offers, transfers, notes, hold, parties, wrap-up.

What is said in a chat belongs to `host.sessions.conversation`. Read `offers.py` first.
"""
