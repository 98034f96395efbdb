"""The server-side proxy: shell pages and vendors' listeners query the CRM directly, outside any session.

The routes belong to `host.web.crm_api`. Read `proxy.py` first.
"""
