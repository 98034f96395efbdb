"""Intents: the planned work in the CRM, one row for each step, with its lease, its retries and its trace.

Executing a step belongs to `host.crm.steps`. Read `intents.py` first.
"""
