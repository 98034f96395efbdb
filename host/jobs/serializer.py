"""What the engine keeps of a job: JSON of three shapes, nothing that could run when it is read.

DBOS pickles by default, and unpickles rows that are marked so whatever serializer it has been given: whoever could
write a row could run code. So its pickling class reads and writes our JSON too, whatever a row says.
"""

from typing import Any

from dbos import Serializer
from dbos._serialization import DefaultSerializer

from host.gate import strict, writing
from host.jobs.failures import DeadLetterError, FailedStepError, RefusedError

MARK = "patchbay_json"
"""Of our rows, in the column `serialization`."""
Args = dict[str, tuple[int | str, ...] | dict[str, Any]]


class JsonSerializer(Serializer):
    """Arguments `{"args": [12], "kwargs": {}}`, errors `{"error": "ValueError", "message": ""}`, and null."""

    def name(self) -> str:
        """As `MARK`."""
        return MARK

    def serialize(self, data: Any) -> str:
        """Write one of the three.

        Raises:
            TypeError: It is none of them.
        """
        if isinstance(data, Exception):
            message = str(data) if isinstance(data, DeadLetterError) else ""
            name = str(data) if isinstance(data, FailedStepError) else type(data).__name__
            return writing.text({"error": name, "message": message})
        if data is None or _args(data) is not None:
            return writing.text(data)
        raise TypeError(f"a job's arguments are ids, and its steps return nothing; found {type(data).__name__}")

    def deserialize(self, serialized_data: str) -> Args | Exception | None:
        """Read one of the three.

        Raises:
            RefusedError: It is none of them.
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
    """Take the pickling out of DBOS, for good."""
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
