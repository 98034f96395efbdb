from datetime import UTC, datetime, timedelta

import pytest

from crm_shell.framing import KEPT, CachedChecks, Origins
from host.crm.http.ssrf_guard import Policy

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
POLICY = Policy(frozenset({"crm.example"}))
PATCHBAY = ("https://patchbay.example",)


class Asked(list[str]):
    """Remembers what was asked, and answers."""

    def __call__(self, url: str, ancestors: Origins, policy: Policy) -> str:
        self.append(url)
        return "it forbids it"


@pytest.mark.parametrize(
    ("url", "later", "policy", "asked"),
    [
        ("https://crm.example/records/43", timedelta(0), POLICY, 1),
        ("https://crm.example/records/43", KEPT, POLICY, 2),
        ("http://crm.example/records/42", timedelta(0), POLICY, 2),
        ("https://crm.example/records/43", timedelta(0), Policy(frozenset({"crm.example", "x"})), 2),
    ],
)
def test_a_host_is_asked_once_in_a_while(url: str, later: timedelta, policy: Policy, asked: int) -> None:
    ask = Asked()
    checks = CachedChecks(ask)
    checks.refusal("https://crm.example/records/42", PATCHBAY, POLICY, NOW)
    assert checks.refusal(url, PATCHBAY, policy, NOW + later) == "it forbids it"
    assert len(ask) == asked
