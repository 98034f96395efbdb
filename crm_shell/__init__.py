"""The pages around the adapters: the shell that embeds them, and the starter CRM.

The adapters themselves belong to `adapter_pages`. Read `views.py` first.
"""
