"""Queues: the tree, its settings, and which agents work in it.

Offering sessions to agents belongs to `host.routing`. Read `tree.py` first.
"""
