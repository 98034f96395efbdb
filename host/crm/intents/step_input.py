"""What a step needs to know beyond its session: one type for each kind, parsed once, where the row is read.

Source: 30-generic-api.md, Flows 4; Endpoints, `upload_file`.
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
    """Of an account or a record: how it is looked for."""

    create_new: bool = False
    """Whether a person wants a new one, whatever there is."""

    def as_json(self) -> dict[str, Any]:
        """Return what the row keeps."""
        return {"create_new": True} if self.create_new else {}


@dataclass(frozen=True)
class Upload:
    """Of an upload: the file, and when it came."""

    snapshot: Snapshot
    path: str
    """Below the data folder: `uploads/01J...`."""
    name: str
    """`photo.png`."""
    type: str
    """`image/png`."""
    kind: str
    """`photos`."""

    def as_json(self) -> dict[str, Any]:
        """Return what the row keeps."""
        file = {"path": self.path, "name": self.name, "type": self.type, "kind": self.kind}
        return {**self.snapshot.as_json(), **file}


StepInput = LookUp | Snapshot | Upload
"""A comment and an update are about a `Snapshot`."""


def read(stored: Any) -> StepInput:
    """Return what a row says.

    Args:
        stored: Out of the JSON column; what no version of ours has written is read as `LookUp()`.
    """
    try:
        return _parsed(stored) if isinstance(stored, Mapping) else LookUp()
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


def _parsed(stored: Mapping[str, Any]) -> StepInput:
    if "event" not in stored:
        return LookUp(create_new=bool(stored.get("create_new")))
    snapshot = snapshots.read(stored)
    if "path" not in stored:
        return snapshot
    return Upload(snapshot, stored["path"], stored["name"], stored["type"], stored["kind"])
