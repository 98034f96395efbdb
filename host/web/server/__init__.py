"""The web server: gunicorn set up in code, and its workers, which slow and silent clients can't hold.

Nothing here knows the application. Read `server.py` first, then `thread_worker.py`.
"""
