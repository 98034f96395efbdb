"""The platform API: how telephony and messaging gateways put sessions in, and other systems read them.

One module is one part of it. What happens to sessions is `host.sessions`' job; here are only credentials,
checks of what comes in, and the shape of what goes out.

Source: 10-sessions, Platform API.
"""
