"""Reports: metadata documents of sessions, figures of the host, items that could not be shown.

Nothing here changes a session. Read `session_metadata/document.py` first.
"""
