"""The files of sessions: their names and folders, their rows, and their content in the data folder.

Where they go belongs to `host.deliveries`, and how they are written there to `host.storage`. Read `catalogue.py` first,
then `session_files.py`.
"""
