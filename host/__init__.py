"""The server of Patchbay: sessions, events, the CRM client, settings and jobs.

Pages for agents and consumers belong to `adapter_pages`, the shell to `crm_shell`. Read `services.py` first: it wires
all parts; `app.py` makes the Flask application of them.
"""
