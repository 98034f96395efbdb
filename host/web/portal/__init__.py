"""Pages for admins and managers below `/portal/` and `/settings/`.

What they show is read by `host.reports` and `host.orchestration`. Read `deliveries.py` first.
"""
