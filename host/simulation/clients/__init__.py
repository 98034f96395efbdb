"""Clients of the product and of the starter CRM. What is done with them belongs to `host.simulation.players`."""
