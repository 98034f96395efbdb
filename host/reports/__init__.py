"""What is read about sessions and the host as a whole: metadata documents, figures, rows that can't be shown.

Nothing here changes a session. Read `session_metadata/document.py` first.
"""
