"""Durable jobs: the engine behind a small interface, rows that are due by our clock, heartbeats, the reaper.

What a job does belongs to `host.worker` and the features that it calls. Read `engine.py` first.
"""
