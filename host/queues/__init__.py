"""Queues: the tree, its settings, and who is offered what. No CRM and no HTTP here."""
