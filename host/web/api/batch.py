"""The platform API's `/batch`: many operations in one request, in order, each on its own.

An operation runs as in a request of its own, but without one: what it needs is in `Asked`. Operations that follow each
other and can be done together (`Operation.run_all`) are.

Source: docs/reference/platform-api.md, Batches.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Annotated, Any, TypeAlias
from urllib.parse import parse_qsl

from pydantic import Field
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from host.errors import FieldsError, HostError, RequestError
from host.schema import Section
from host.web import inputs
from host.web.api import credentials, requests
from host.web.api.answers import Part as AnswerPart
from host.web.api.credentials import ApiClient
from host.web.api.operations import Answer, Asked, Operation
from host.web.descriptions import Description
from host.web.problem import Problem, problem_of, unexpected

PATH = "/batch"
MOST = 500
"""Operations in one batch."""
LARGEST_BYTES = 4 * 1024 * 1024
"""Of the body: 500 operations of 8 KiB; the limit of other requests is a quarter of it."""
EXAMPLE = '{"operations": [{"method": "POST", "path": "/chats/12/message", "body": {"text": "Hi!"}}]}'

Match: TypeAlias = Callable[[str, str], tuple[Operation, Mapping[str, int]]]
Todo: TypeAlias = Asked[Any] | Problem
"""An operation to do, or why it can't be done."""


class BatchOperation(Section):
    """One operation of a batch, as a request of its own."""

    method: str
    path: Annotated[str, Field(pattern="^/[^/]")]
    """With the prefix or without: `/chats/12/message`, `/api/v1/calls?page=2`."""
    body: Any = None
    idempotency_key: str | None = None


class BatchBody(Section):
    """Operations, each of which is done on its own, in order."""

    operations: Annotated[list[BatchOperation], Field(max_length=MOST)]


class BatchResult(AnswerPart):
    """What one operation answered."""

    status: int
    body: Any
    """As in the answer to a request of its own."""


class BatchAnswer(AnswerPart):
    """The results, in the order of the operations."""

    results: list[BatchResult]


@dataclass(frozen=True)
class Batches:
    """Runs batches of these operations."""

    routes: Map
    prefixes: Sequence[str]

    @classmethod
    def of(cls, operations: Sequence[Operation], prefixes: Sequence[str]) -> "Batches":
        """Return it for the operations of the platform API."""
        rules = [Rule(each.rule, endpoint=each, methods=[each.method]) for each in operations]
        return cls(Map(rules, converters={"int": inputs.Number}, merge_slashes=False), prefixes)

    def answer(self) -> Answer:
        """Do the operations in the current request's body.

        Raises:
            FieldsError: There are no operations, or too many.
            RequestError: The body is no JSON object.
        """
        entries = inputs.json_entries("operations", EXAMPLE)
        if len(entries) > MOST:
            raise FieldsError({"operations": f"found {len(entries)}; at most {MOST} fit in a batch"})
        client, match = credentials.api_client(), cache(self.routes.bind("").match)
        return Answer({"results": list(_results([self._read(entry, client, match) for entry in entries]))})

    def _read(self, entry: object, client: ApiClient, match: Match) -> Todo:
        try:
            return self._asked(entry, client, match)
        except HostError as error:
            return problem_of(error)
        except HTTPException as error:  # no such route
            return Problem(error.name.lower().replace(" ", "_"), str(error.description), error.code or 404)

    def _asked(self, entry: object, client: ApiClient, match: Match) -> Asked[Any]:
        one = requests.read(BatchOperation, inputs.checked_object(entry))
        path, _, query = one.path.partition("?")
        below = next((path.removeprefix(each) for each in self.prefixes if path.startswith(f"{each}/")), path)
        if below == PATH:
            raise FieldsError({"path": "is a batch; a batch can't hold another one"})
        operation, ids = match(below, one.method.upper())
        given = _query(query) if operation.method == "GET" else _body(one.body)
        return Asked(operation, client, path, ids, given, one.idempotency_key)


DESCRIPTION = Description(
    method="POST",
    path=PATH,
    name="batch.run",
    words="Do many operations, in order, each on its own.",
    answers=BatchAnswer,
    errors=(400, 401, 403, 413, 422, 429),
    body=BatchBody,
    body_is_required=True,
)


def _query(text: str) -> dict[str, Any]:
    return inputs.checked_object(dict(parse_qsl(text, keep_blank_values=True)))


def _body(found: object) -> dict[str, Any]:
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise RequestError("The body of an operation must be a JSON object.")
    return found


def _results(todo: Sequence[Todo]) -> Iterator[dict[str, Any]]:
    for together, group in groupby(todo, key=_together):
        several = list(group)
        if together is None:
            yield from map(_result, several)
        else:
            yield from _results_together(together, several)


def _together(each: Todo) -> Operation | None:
    """Return the operation of what can be done together with its neighbours."""
    return each.operation if isinstance(each, Asked) and each.operation.run_all else None


def _results_together(operation: Operation, several: Sequence[Todo]) -> Iterator[dict[str, Any]]:
    found = _try_together(operation, [each for each in several if isinstance(each, Asked)])
    if found is None:
        yield from map(_result, several)
        return
    for each in found:
        yield _shape(problem_of(each) if isinstance(each, HostError) else each)


def _try_together(operation: Operation, several: Sequence[Asked[Any]]) -> Sequence[Answer | HostError] | None:
    """Do several together; None: nothing was done, and one after another only the cause fails."""
    try:
        return operation.answer_all(several)
    except HostError:  # it concerns all of them
        return None
    except Exception as error:  # noqa: BLE001 - one that fails must not affect the others
        unexpected(error, operation.name)
        return None


def _result(each: Todo) -> dict[str, Any]:
    if isinstance(each, Problem):
        return _shape(each)
    try:
        return _shape(each.operation.answer(each))
    except HostError as error:
        return _shape(problem_of(error))
    except Exception as error:  # noqa: BLE001 - one that fails must not affect the others
        return _shape(unexpected(error, each.operation.name))


def _shape(found: Answer | Problem) -> dict[str, Any]:
    return {"status": found.status, "body": found.body() if isinstance(found, Problem) else found.value}
