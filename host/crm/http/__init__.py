"""One guarded HTTP request to a CRM: addresses, deadline, redirects, size, circuit breaker.

What a request says and what an answer means belong to `host.crm.request` and `host.crm.response`. Read `client.py`
first.
"""
