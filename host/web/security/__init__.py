"""Who may ask, and what browsers may do with an answer: roles, origins, hosts, cookies, CSRF, headers, CSP.

Signing in belongs to `host.web.sign_in`. Read `access.py` first, then `headers.py`.
"""
