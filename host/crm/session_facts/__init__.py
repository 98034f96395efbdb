"""Reads a session's facts for CRM requests: values, comments, page links, and the CRM that its ids belong to.

The session itself belongs to `host.sessions`. Read `context.py` first.
"""
