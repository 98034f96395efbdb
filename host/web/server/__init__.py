"""The web server: gunicorn configured in code, with workers that slow and silent clients can't block.

It doesn't know the application. Read `server.py` first, then `thread_worker.py`.
"""
