"""The metadata document of a session, for other systems and the platform API.

Delivering it belongs to `host.deliveries`; transcripts are in `host.reports.transcript`. Read `model.py` first.
"""
