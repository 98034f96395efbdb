"""Pages for admins and managers below `/portal/` and `/settings/`.

`host.reports` and `host.orchestration` read what they show. Read `deliveries.py` first.
"""
