"""Sign in and out: in a page of our own, in a frame, in a pop-up window; known devices; own sign-ins.

Passwords and sign-ins themselves belong to `host.users`. Read `sign_in.py` first.
"""
