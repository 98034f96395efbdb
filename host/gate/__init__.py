"""Validation of all text and JSON that enters the host, with one set of limits.

`strict` reads input of our users (forms, sockets, the platform API, claims, settings, our own files), and refuses
invalid input with the name of the field. `lenient` reads input that nobody can send again (answers of the CRM
and of authorization servers, old rows of the database), and repairs it. `writing` writes JSON for every reader.

The package uses neither Flask nor the database. Only `host.wire` and the listeners read JSON by themselves, because
MicroPython loads them without other packages. Read `strict.py` first.
"""
