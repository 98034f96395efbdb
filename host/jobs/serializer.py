"""Serializes jobs for the engine as JSON, instead of DBOS's pickle.

DBOS unpickles rows that are marked so, whatever serializer is set; anybody who could write a row could run code. So its
pickling class is patched as well, and reads and writes this JSON for every row.
"""

from typing import Any

from dbos import Serializer
from dbos._serialization import DefaultSerializer

from host.gate import strict, writing
from host.jobs.failures import DeadLetterError, FailedStepError, RefusedError

MARK = "patchbay_json"
"""The value of the column `serialization` in our rows."""
Args = dict[str, tuple[int | str, ...] | dict[str, Any]]


class JsonSerializer(Serializer):
    """Arguments `{"args": [12], "kwargs": {}}`, errors `{"error": "ValueError", "message": ""}`, and null."""

    def name(self) -> str:
        """Return the mark of our rows."""
        return MARK

    def serialize(self, data: Any) -> str:
        """Return the JSON of arguments, an error or null.

        Raises:
            TypeError: The value is none of these.
        """
        if isinstance(data, Exception):
            message = str(data) if isinstance(data, DeadLetterError) else ""
            name = str(data) if isinstance(data, FailedStepError) else type(data).__name__
            return writing.text({"error": name, "message": message})
        if data is None or _args(data) is not None:
            return writing.text(data)
        raise TypeError(f"a job's arguments are ids, and its steps return nothing; found {type(data).__name__}")

    def deserialize(self, serialized_data: str) -> Args | Exception | None:
        """Return the arguments, error or null of a JSON text.

        Raises:
            RefusedError: It is none of these.
        """
        try:
            found = strict.read(serialized_data)
        except (TypeError, ValueError) as error:
            raise RefusedError("a row of the engine's tables isn't ours") from error
        if found is None:
            return None
        if (read := _args(found) or _error(found)) is not None:
            return read
        raise RefusedError("a row of the engine's tables isn't ours")


def never_unpickle() -> None:
    """Replace the methods of DBOS that pickle and unpickle."""
    DefaultSerializer.serialize = JsonSerializer.serialize  # type: ignore[assignment]
    DefaultSerializer.deserialize = JsonSerializer.deserialize  # type: ignore[assignment]


def _args(found: Any) -> Args | None:
    if not isinstance(found, dict) or set(found) != {"args", "kwargs"} or found["kwargs"] != {}:
        return None
    if not isinstance(found["args"], list | tuple) or not all(isinstance(each, int | str) for each in found["args"]):
        return None
    return {"args": tuple(found["args"]), "kwargs": {}}


def _error(found: Any) -> Exception | None:
    if not isinstance(found, dict) or set(found) != {"error", "message"}:
        return None
    if found["error"] == DeadLetterError.__name__:
        return DeadLetterError(str(found["message"]))
    return FailedStepError(str(found["error"])[:80])
