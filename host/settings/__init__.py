"""The settings: import and export of the file, validation, secrets, storage.

The effect of a setting belongs to its feature. Read `repository.py` first, then `validation.py`.
"""
