"""Monitoring: `/healthz`, `/readyz` and `/metrics`.

Figures of the host as a whole are read by `host.reports`. Read `metrics.py` first.
"""
