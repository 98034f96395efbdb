"""The model of the whole settings file, section by section; `crm` has its own in `host.crm.settings`.

Rules between sections belong to `host.settings.checks`. Read `model.py` first.
"""
