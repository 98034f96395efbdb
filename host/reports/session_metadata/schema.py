"""Describes the metadata document as a JSON Schema, for those who read the files.

Source: docs/reference/files.md, Schema.
"""

from typing import Any

from pydantic import TypeAdapter

from host.reports.session_metadata.model import CallMetadata, ChatMetadata

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """Return the schema of this version; further keys are allowed, since later versions may add some."""
    described = TypeAdapter[CallMetadata | ChatMetadata](CallMetadata | ChatMetadata).json_schema(mode="serialization")
    return {"$schema": DIALECT, "title": "Session metadata", **_open(described)}


def _open(described: Any) -> Any:
    """Return a schema without the ban of further keys."""
    if isinstance(described, dict):
        kept = {name: each for name, each in described.items() if (name, each) != ("additionalProperties", False)}
        return {name: _open(each) for name, each in kept.items()}
    return [_open(each) for each in described] if isinstance(described, list) else described
