"""Any CRM by configuration: its settings, requests, answers and flows. Nothing of one vendor belongs here."""
