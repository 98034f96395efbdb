"""Durable deliveries of session files to the external storage, and of mails.

What is delivered when belongs to `host.orchestration`, and uploads to the CRM to `host.crm.steps`. Read `deliveries.py`
first, then `courier.py`.
"""
