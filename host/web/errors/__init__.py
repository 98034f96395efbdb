"""Errors at the edge: one JSON shape for programs, one page for people.

The errors themselves stand in `host/errors.py`. Read `handlers.py` first.
"""
