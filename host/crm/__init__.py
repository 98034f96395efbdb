"""The CRM client: talks to any CRM that the settings describe.

Nothing of one vendor belongs here, and nothing that knows Flask. Read `steps/find_or_create.py` first, then
`exchange/exchange.py`: the layers below them are listed in `pyproject.toml`, contract "Layers of the CRM client".
"""
