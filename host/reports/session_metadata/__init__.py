"""The metadata document of a session, for other systems and the platform API.

Delivering the document belongs to `host.worker`. Read `model.py` first.
"""
