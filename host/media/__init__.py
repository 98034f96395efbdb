"""Images and videos that people send: what they really are, without what else is in the file.

It knows files only; sessions and messages belong to `host.sessions`. Read `images.py` first.

Source: docs/reference/sessions.md, Attachments.
"""
