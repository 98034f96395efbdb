"""Authenticates requests to the CRM: fixed headers, Basic, bearer tokens and OAuth 2.0.

Sending belongs to `host.crm.http`. Read `signed_client.py` first.
"""
