"""How requests to the CRM are signed.

Does not belong here: what the admin chose (`host.crm.auth_settings`), and when a token is fetched or refreshed.
"""
