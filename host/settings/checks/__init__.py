"""Checks beyond single fields: rules between sections, and warnings about valid settings.

The shape of a section belongs to `host.settings.document`. Read `between_sections.py` first.
"""
