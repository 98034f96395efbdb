"""One endpoint at a time: send its request for an intent, read its answer, create once, follow up.

Which endpoint is asked when belongs to `host.crm.steps`. Read `exchange.py` first.
"""
