"""The CRM for shell pages and vendors' listeners: asked at once, outside any session, answers in one shape.

The routes belong to `host.web.crm_api`. Read `proxy.py` first.
"""
