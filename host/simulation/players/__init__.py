"""The people of a simulation: agents with their adapters, and consumers. Read `agent.py` first."""
