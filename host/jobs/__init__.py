"""What follows from what: the only place that knows sessions, routing and the CRM at once.

No HTTP here, and no rules of a single feature.
"""
