"""Turns errors into answers: one JSON shape for programs, one page for people.

The error classes are in `host/errors`. Read `handlers.py` first.
"""
