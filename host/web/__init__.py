"""HTTP for all pages: errors, security headers, cookies, sign-in, health, sockets, the platform API.

The pages of agents and consumers belong to `adapter_pages`. Read `host/app.py` first, then
`current.py` and `inputs.py`.
"""
