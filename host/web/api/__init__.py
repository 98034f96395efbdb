"""The platform API: telephony and messaging gateways create sessions with it, and other systems read them.

It has one module for each part: credentials, checks of requests, the shape of responses. Changes of sessions belong
to `host.sessions`. Read `register.py` first.

Source: docs/reference/platform-api.md, Platform API.
"""
