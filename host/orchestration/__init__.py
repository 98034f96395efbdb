"""What follows from what: the only place that knows sessions, routing, the CRM and jobs at once.

Rules of one feature belong to that feature's package. Read `crm_outbox.py` first.
"""
