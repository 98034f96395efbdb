"""What an agent sees of the work in the CRM, and what they decide about it.

HTML belongs to `adapter_pages.agent`. Read `status.py` first.
"""
