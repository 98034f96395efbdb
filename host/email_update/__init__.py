"""The e-mail with a session's outcome: its settings, who gets one, the message, and how it is sent.

When it is due and what the body says belong to `host.orchestration`. Read `recipient.py` first, then `mailer.py`.
"""
