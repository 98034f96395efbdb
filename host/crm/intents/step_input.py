"""Inputs of steps: one type for each kind, parsed once, when the row is read.

Source: docs/reference/generic-api.md, After a call or chat; docs/reference/generic-api.md, Upload a file.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from host.crm.session_facts import snapshots
from host.crm.session_facts.snapshots import Snapshot

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LookUp:
    """Input of an account or record step."""

    create_new: bool = False
    """Whether a person wants a new account or record in any case."""

    def as_json(self) -> dict[str, Any]:
        """Return the JSON for the row."""
        return {"create_new": True} if self.create_new else {}


@dataclass(frozen=True)
class Upload:
    """Input of an upload step: the file, and the session when it arrived."""

    snapshot: Snapshot
    path: str
    """Of the file's content, below the data folder."""
    name: str
    """`photo.png`."""
    type: str
    """`image/png`."""
    kind: str
    """`photos`."""

    def as_json(self) -> dict[str, Any]:
        """Return the JSON for the row."""
        file = {"path": self.path, "name": self.name, "type": self.type, "kind": self.kind}
        return {**self.snapshot.as_json(), **file}


StepInput = LookUp | Snapshot | Upload
"""The input of a comment or an update is a `Snapshot`."""


def read(stored: Any) -> StepInput:
    """Parse the input in a row.

    Args:
        stored: From the JSON column; unknown content is read as `LookUp()`.
    """
    try:
        return _parse(stored) if isinstance(stored, Mapping) else LookUp()
    except (KeyError, TypeError, ValueError) as error:
        log.warning("a step's input cannot be read (%s)", type(error).__name__)
        return LookUp()


def snapshot_in(given: StepInput) -> Snapshot | None:
    """Return the snapshot for a comment, update or upload; None for other steps."""
    match given:
        case Snapshot():
            return given
        case Upload():
            return given.snapshot
        case _:
            return None


def _parse(stored: Mapping[str, Any]) -> StepInput:
    if "event" not in stored:
        return LookUp(create_new=bool(stored.get("create_new")))
    snapshot = snapshots.read(stored)
    if "path" not in stored:
        return snapshot
    return Upload(snapshot, stored["path"], stored["name"], stored["type"], stored["kind"])
