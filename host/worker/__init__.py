"""The worker process: enqueues due work, runs jobs, and ends overdue offers and absences.

The engine belongs to `host.jobs`, and what a job calls to its feature. Read `worker.py` first, then `job_steps.py`.
"""
