"""The agent's view of the work in the CRM: its status, and the decisions of people.

HTML belongs to `adapter_pages.agent`. Read `status.py` first.
"""
