"""Faults of the CRM that leave the outcome unknown, and what became of them."""

from tests.host.crm.crm_settings import TIMEOUT_S
from tests.host.crm.faulty_crm import FaultyCrm

SETTLED_S = 6 * TIMEOUT_S + 6
FAULTS = ["commit_then_hang", "reset_after_commit", "hang_then_commit", "hang", "reset", "500", "503"]


def comments(crm: FaultyCrm) -> list[str]:
    return [row["body"] for row in crm.rows["comments"]]


def let_late_commits_happen(crm: FaultyCrm, fault: str) -> None:
    """The story's clock jumps but the CRM's doesn't: the CRM must commit before `settle_s` seems to be over."""
    if fault == "hang_then_commit":
        assert crm.late.acquire(timeout=10)
