"""`/api/crm`: the CRM for shell pages and vendors' listeners, without its credentials.

What the CRM is asked belongs to `host.crm.proxy`. Read `views.py` first.
"""
