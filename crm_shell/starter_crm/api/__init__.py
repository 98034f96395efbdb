"""The REST API under /api/: what a telephony or chat system talks to. No HTML belongs here."""
