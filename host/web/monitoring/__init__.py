"""Whether a process is up, and its figures: `/health`, `/ready`, `/metrics`.

Figures of the host as a whole are read by `host.reports`. Read `metrics.py` first.
"""
