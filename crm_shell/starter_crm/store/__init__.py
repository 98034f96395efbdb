"""The starter CRM's data: tables, field rules, reading and writing. No HTTP belongs here. Read `kinds.py` first."""
