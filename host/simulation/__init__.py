"""Load tests of a running host: `patchbay simulate` puts sessions in and plays their consumers and agents.

It is a client of the product: it uses the platform API, the sign-in and the adapters' sockets as gateways and browsers
do, and checks afterwards that nothing was lost or doubled. Only `people.py` writes into the database. Read
`simulation.py` first, then `plan.py`; `model.py` says what must be true afterwards.
"""
