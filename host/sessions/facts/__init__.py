"""What is known of a session besides its state: ratings, verification, smart actions, durations, its history.

Documents made of it belong to `host.reports`. Read `history.py` first.
"""
