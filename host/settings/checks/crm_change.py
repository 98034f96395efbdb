"""Warns when the settings name another CRM than before.

Source: docs/reference/generic-api.md, Another CRM.
"""

from sqlalchemy import Connection, func, select

from host.crm.session_facts import crm_identity
from host.crm.settings.crm import CrmSettings
from host.db.tables import intents


def warnings(connection: Connection, before: CrmSettings, after: CrmSettings) -> list[str]:
    """Warn that ids and work stay with the previous CRM; nothing when it is the same one."""
    old, new = crm_identity.current(connection, before), crm_identity.current(connection, after)
    if old.key == crm_identity.NO_CRM or new.owns(old.key):
        return []
    unfinished = (intents.c.crm_key == old.key) & (intents.c.state != "done")
    count = connection.execute(select(func.count()).select_from(intents).where(unfinished)).scalar_one()
    waits = f"{count} step{'' if count == 1 else 's'} of work for {old.key} wait{'s' if count == 1 else ''}"
    change = f"crm: is another CRM than before ({crm_identity.label_of(new.key)}, not {old.key})"
    return [f'{change}; ids of that one are not used, and {waits}; if it is the same CRM, set crm.key: "{old.key}"']
