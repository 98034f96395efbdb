"""The `crm` section of the settings: endpoints, their parts, authentication, inheritance.

The whole settings file belongs to `host.settings`. Read `crm.py` first.
"""
