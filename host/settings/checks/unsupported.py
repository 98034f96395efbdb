"""Warnings about settings without effect in this version. Remove a line when its feature exists."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from host.crm.settings.crm import CrmSettings
from host.queues.settings import QueueSettings
from host.settings.document.model import Document, QueueEntry, Settings

FEATURES = (
    "adapter_source.api_key",
    "adapter_source.api_secret",
    "external_storage.recording_format",
    "voice",
    "sign_in.oidc",
)
QUEUE_FEATURES = (
    "record_calls",
    "retention_days",
    "service_level_s",
)
NO_SUCH_FILES = frozenset({"call_recordings", "voicemails"})
NO_EFFECT = "has no effect in this version yet"


def of_settings(settings: Settings) -> Iterator[str]:
    """Yield a warning for each changed value without effect."""
    defaults = type(settings)()
    for path in FEATURES:
        if _at(settings, path) != _at(defaults, path):
            yield f"{path}: {NO_EFFECT}"
    yield from _of_crm(settings.crm)


def of_queue(path: str, queue: Mapping[str, Any]) -> Iterator[str]:
    """Yield a warning for each changed value of a queue without effect."""
    defaults = QueueSettings().model_dump(mode="json", by_alias=True)
    yield from (f"{path}.{key}: {NO_EFFECT}" for key in QUEUE_FEATURES if queue[key] != defaults[key])


def of_file(document: Document) -> Iterator[str]:
    """Yield a warning for values that a file gives although they are the default; stored settings don't show this."""
    if _asks_for_recordings(document.queues):
        yield f"queues: record_calls {NO_EFFECT}; calls aren't recorded"


def _of_crm(crm: CrmSettings) -> Iterator[str]:
    upload = crm.endpoints.upload_file
    if upload is not None and not NO_SUCH_FILES.isdisjoint(upload.files):
        kinds = ", ".join(sorted(NO_SUCH_FILES.intersection(upload.files)))
        yield f"crm.endpoints.upload_file.files: {kinds}: {NO_EFFECT}; calls aren't recorded"


def _asks_for_recordings(queues: Sequence[QueueEntry]) -> bool:
    return any(
        (queue.record_calls and "record_calls" in queue.model_fields_set) or _asks_for_recordings(queue.queues)
        for queue in queues
    )


def _at(settings: Settings, path: str) -> object:
    value: object = settings
    for key in path.split("."):
        value = getattr(value, key)
    return value
