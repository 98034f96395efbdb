"""Users of the host: roles, passwords, sign-ins, status, and limits against guessing.

End users (consumers) and HTTP don't belong here. Read `directory.py` first, then `authenticate.py`.
"""
