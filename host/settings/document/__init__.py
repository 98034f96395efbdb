"""The model of the settings file, section by section; the section `crm` is in `host.crm.settings`.

Rules between sections belong to `host.settings.checks`. Read `model.py` first.
"""
