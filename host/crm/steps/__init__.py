"""Runs the steps of a session in the CRM: the flows as the charts in docs/reference show them, and the runner.

One request and its answer belong to `host.crm.exchange`. Read `runner.py` first, then `find_or_create.py`.
"""
