"""The starter CRM's REST API under /api/, for telephony and chat systems.

No HTML belongs here. Read `views.py` first.
"""
