"""Reads the starter CRM beside the host, and switches its faults on where it has them (`patchbay crm --faults`)."""

from typing import Any

import requests

from host.gate import lenient
from host.simulation.faults import CRM_FAULTS

TIMEOUT_S = 30


class StarterCrm:
    """The starter CRM's API."""

    def __init__(self, url: str, api_key: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.headers["X-Api-Key"] = api_key

    def is_there(self) -> bool:
        """Tell whether it answers to this key."""
        try:
            return self._session.get(f"{self._url}/api/accounts", params={"phone": "+1"}, timeout=TIMEOUT_S).ok
        except requests.RequestException:
            return False

    def break_it(self, name: str, share: float, seed: int) -> bool:
        """Make a share of the requests fail; tell whether the CRM has a fault switch."""
        rule = {**CRM_FAULTS[name], "share": share, "seed": seed}
        return self._session.post(f"{self._url}/faults", json=rule, timeout=TIMEOUT_S).ok

    def hits(self) -> dict[str, int]:
        """Return how often each of `CRM_FAULTS` has struck."""
        names = {rule["fault"]: name for name, rule in CRM_FAULTS.items()}
        rules = self._items("/faults")
        return {names[rule["fault"]]: rule["hits"] for rule in rules if rule["fault"] in names}

    def mend(self) -> None:
        """Remove all faults."""
        self._session.delete(f"{self._url}/faults", timeout=TIMEOUT_S)

    def accounts(self, phone: str) -> list[dict[str, Any]]:
        """Return the accounts of a phone number."""
        return self._items("/api/accounts", phone=phone)

    def records(self, account_id: int) -> list[dict[str, Any]]:
        """Return the records of an account."""
        return self._items("/api/records", account_id=account_id)

    def comments(self, record_id: int) -> list[dict[str, Any]]:
        """Return the comments of a record."""
        return self._items(f"/api/records/{record_id}/comments")

    def _items(self, path: str, **query: Any) -> list[dict[str, Any]]:
        answer = self._session.get(self._url + path, params=query, timeout=TIMEOUT_S)
        answer.raise_for_status()
        items: list[dict[str, Any]] = lenient.read(answer.content)["items"]
        return items
