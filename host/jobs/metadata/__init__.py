"""A session as other systems see it: its metadata document, which the platform API shows too.

No journal is written here, and nothing is sent.
"""
