"""Reads answers: what they mean, their rows and ids, and whether a hit is the person who was searched for.

Requesting the next page belongs to `host.crm.exchange`. Read `classify.py` first, then `hits.py`.
"""
