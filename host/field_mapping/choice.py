"""Chooses the strategy for a CRM: by the setting, else by its hosts.

Source: docs/reference/field-mapping.md, How each CRM takes the fields.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from host.field_mapping.generic import Generic
from host.field_mapping.kustomer import Kustomer
from host.field_mapping.salesforce import Salesforce
from host.field_mapping.settings import CrmKind
from host.field_mapping.strategy import Strategy
from host.field_mapping.zendesk import Zendesk

STRATEGIES: Mapping[CrmKind, Strategy] = {
    "generic": Generic(),
    "zendesk": Zendesk(),
    "salesforce": Salesforce(),
    "kustomer": Kustomer(),
}
_DOMAINS: Mapping[str, CrmKind] = {
    "zendesk.com": "zendesk",
    "salesforce.com": "salesforce",
    "force.com": "salesforce",
    "kustomerapp.com": "kustomer",
    "kustomer.com": "kustomer",
}


def strategy_for(setting: Literal["automatic"] | CrmKind, hosts: Iterable[str]) -> Strategy:
    """Return the strategy for a CRM.

    Args:
        setting: `crm.custom_fields`.
        hosts: Of the CRM's API, for `automatic`.
    """
    return STRATEGIES[kind_of(hosts) if setting == "automatic" else setting]


def kind_of(hosts: Iterable[str]) -> CrmKind:
    """Return the kind of the CRM with these hosts, the first that is known: `acme.zendesk.com`; else `generic`."""
    for host in hosts:
        name = host.rpartition(":")[0] if ":" in host else host
        for domain, kind in _DOMAINS.items():
            if name == domain or name.endswith(f".{domain}"):
                return kind
    return "generic"
