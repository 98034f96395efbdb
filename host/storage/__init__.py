"""External storage: where session files go besides the CRM. One interface, and a module for each back end.

Which file is stored when belongs to `host.deliveries`, names and folders to `host.files`. Read `storage.py` first.

Source: docs/reference/files.md, External storage.
"""
