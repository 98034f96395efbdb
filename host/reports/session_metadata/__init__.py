"""A session as other systems see it: its metadata document, which the platform API shows too.

Delivering the document belongs to `host.worker`. Read `model.py` first.
"""
