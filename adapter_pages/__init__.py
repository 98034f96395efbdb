"""The pages that show sessions: `/agent/` (the adapters) and `/consumer/`.

View models, their fragments and the views that serve them. What a session may do and what the CRM
knows doesn't belong here: that is asked from the layers below.
"""
