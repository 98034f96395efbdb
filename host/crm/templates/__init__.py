"""Templates: texts, URLs and JSON with variables, and the parameter functions.

Where the values come from belongs to `host.crm.session_facts`. Read `catalogue.py` first, then `template.py`.
"""
