"""Webhooks out: tells other systems what happens to sessions, as https://www.standardwebhooks.com says.

A delivery is planned in the transaction of its fact (`planner.py`) and sent by the worker (`sender.py`). Rules of
sessions and the shape of a session's JSON don't belong here. Read `event_types.py` first.

Source: docs/webhooks.md, What arrives.
"""
