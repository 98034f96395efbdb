"""The database: engine, tables, migrations.

Queries of a feature belong to the feature's package. Read `engine.py` first, then `tables`.
"""
