"""Calls one endpoint for an intent: sends its request, reads the answer, creates once, runs its further steps.

The order of endpoints belongs to `host.crm.steps`. Read `exchange.py` first.
"""
