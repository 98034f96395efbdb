"""Connects sessions, routing, the CRM and jobs: what one makes due in another.

Rules of a single feature belong to that feature's package. Read `crm_outbox.py` first.
"""
