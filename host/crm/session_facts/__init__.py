"""A session's facts as CRM requests need them: values, comments, links to its pages, which CRM its ids belong to.

The session itself belongs to `host.sessions`. Read `context.py` first.
"""
