"""The interface to what carries the audio of calls.

The life of a call belongs to `host.sessions`, its audio in the browser to the adapters. Read `voice.py` first.
"""
