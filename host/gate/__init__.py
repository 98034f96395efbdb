"""The one gate for text and JSON that enters: the same limits whatever the door.

Two ways through it. `strict` is for our users (forms, sockets, the platform API, claims, settings, our own files): it
refuses, naming the field. `foreign` is for answers that nobody can be asked to send again (the CRM's, an authorization
server's, what a database kept before there was a gate): it repairs. `writing` writes JSON that every reader can read.

It lies below everything that reads, and knows neither Flask nor the database. Only `host.wire` and the listeners read
JSON by themselves: MicroPython loads them, and it has no packages but theirs.
"""
