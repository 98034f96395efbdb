"""What real CRMs do wrong, on command: for tests only, and only when the app was built with ``faults=True``."""
