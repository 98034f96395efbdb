"""Durable jobs: the engine behind a small interface, rows of due jobs, heartbeats, and the reaper.

The steps of a job belong to `host.worker` and the features that it calls. Read `engine.py` first.
"""
