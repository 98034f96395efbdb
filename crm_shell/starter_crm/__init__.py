"""The starter CRM: a small, honest CRM that the demo runs on, on an origin of its own.

It is a product of its own: nothing of `host` is imported here, and the host knows it by Generic API settings only,
like any other CRM. What the host needs from a CRM, but a CRM has no reason to offer, does not belong here.
"""
