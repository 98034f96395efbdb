"""What is stored of sessions: rows, states and their transitions, participants, and the events that changes post.

What changes a session belongs to the packages beside this one. Read `model.py` first, then `lifecycle.py`.
"""
