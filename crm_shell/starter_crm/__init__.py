"""The starter CRM: a small CRM for the demo and the tests, on its own origin.

It is a separate product: it imports nothing of `host`, and the host knows it by Generic API settings only, like any
other CRM. Functions that only the host needs do not belong here. Read `app.py` first.
"""
