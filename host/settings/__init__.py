"""The settings file: import, validation, secrets, storage.

What a setting does belongs to its feature. Read `repository.py` first, then `validation.py`.
"""
