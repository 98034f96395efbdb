"""Builds the request of an endpoint from its settings and a session's values.

Sending belongs to `host.crm.http`. Read `build.py` first.
"""
