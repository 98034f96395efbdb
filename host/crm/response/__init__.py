"""Reads an answer: what it means, its rows and ids, and whether a hit is the person who was searched.

Asking for the next page belongs to `host.crm.exchange`. Read `classify.py` first, then `hits.py`.
"""
