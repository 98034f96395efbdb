"""The server of Patchbay: sessions, events, the CRM client, settings and jobs.

No HTML belongs here except in `host.web`, and Flask is imported in `host.app` and `host.web` only.
"""
