"""What is to be done in the CRM, one row for each step: who works on it, when it is tried again, its trace.

How a step is done belongs to `host.crm.steps`. Read `intents.py` first.
"""
