"""What stands around the adapters: the shell page that embeds them, and the starter CRM.

No session, queue or CRM-client logic belongs here; that is `host`.
"""
