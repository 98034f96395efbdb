"""The worker process: hands due rows to the job engine, keeps time for offers and absent agents.

The engine belongs to `host.jobs`, what a job calls to its feature. Read `worker.py` first, then `job_steps.py`.
"""
