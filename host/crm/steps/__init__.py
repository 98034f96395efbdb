"""The steps of a session in the CRM, as the flow charts of the reference read, and the runner that does them.

One request and its answer belong to `host.crm.exchange`. Read `runner.py` first, then `find_or_create.py`.
"""
