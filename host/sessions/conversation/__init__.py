"""What is said in a session: messages, files, receipts, and chats that become quiet.

Files of finished sessions belong to `host.files`. Read `talk.py` first.
"""
