"""Access control and browser policies: roles, origins, host names, cookies, CSRF, security headers, CSP.

Signing in belongs to `host.web.sign_in`. Read `access.py` first, then `headers.py`.
"""
