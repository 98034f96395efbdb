"""Field mapping: entries of the consumer's custom data become fields of accounts and records in the CRM.

`values.py` finds the entries and gives them the type that a mapping wants; a strategy says how a CRM takes them.
Requests to the CRM belong to `host.crm`, which is handed the fields by `host.orchestration.field_mappings`. Read
`strategy.py` first.

Source: docs/reference/field-mapping.md, Field mapping.
"""
