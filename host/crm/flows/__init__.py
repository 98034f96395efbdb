"""What happens in the CRM, as the flow charts of the specification read.

Does not belong here: how a request is written or an answer read, when something is tried again, the database.
"""
