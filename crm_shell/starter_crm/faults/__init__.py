"""Faults of real CRMs, on command: for tests only, and only if the app was built with ``faults=True``."""
