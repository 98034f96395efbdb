"""What no single field can tell: rules between sections, and advice about settings that are valid all the same.

The shape of a section belongs to `host.settings.document`. Read `between_sections.py` first.
"""
