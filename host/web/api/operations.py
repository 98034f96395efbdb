"""Declares the operations of the platform API: what each takes, what it answers, and the function that does it.

`register.py` makes routes of them, `batch.py` runs several in one request, `host.web.openapi` describes them. So what
is described is also what is checked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeAlias, TypeVar, cast

from pydantic import BaseModel

from host.errors import HostError
from host.schema import Section
from host.web.api import requests
from host.web.api.credentials import ApiClient
from host.web.descriptions import PLACEHOLDER, Description, words_of

Taken = TypeVar("Taken", bound=BaseModel)


class Nothing(Section):
    """What an operation takes that needs no body and no query."""


@dataclass(frozen=True)
class Answer:
    """The answer of an operation."""

    value: Any
    """JSON, or Pydantic models in it."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked(Generic[Taken]):
    """One request for an operation: a request of its own, or a part of a batch."""

    operation: "Operation"
    client: ApiClient
    path: str
    """As the client wrote it: `/api/v1/calls`."""
    ids: Mapping[str, int]
    """The numbers in the path."""
    given: Mapping[str, Any]
    """The body as it came; of a GET the query."""
    key: object = None
    """The idempotency key as it came; None: there is none."""

    @cached_property
    def body(self) -> Taken:
        """The body (of a GET: the query), checked.

        Raises:
            FieldsError: All problems by field.
        """
        return cast(Taken, requests.read(self.operation.takes, self.given))

    @property
    def idempotency_key(self) -> str | None:
        """The idempotency key, checked.

        Raises:
            FieldsError: It is empty, too long or not plain ASCII.
        """
        return None if self.key is None else requests.check_key(self.key)

    @property
    def session_id(self) -> int:
        """The id of the call or chat in the path."""
        return self.ids["session_id"]


Run: TypeAlias = Callable[[Asked[Taken]], Answer]
RunAll: TypeAlias = Callable[[Sequence[Asked[Taken]]], Sequence[Answer | HostError]]


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation."""

    method: str
    """`GET`, `POST`, `PUT` or `DELETE`."""
    path: str
    """`/calls/{session_id}/end`; each placeholder stands for a whole number."""
    name: str
    """`calls.end`: unique."""
    takes: type[BaseModel]
    """The body; of a GET the query."""
    answers: Any
    """The type of the answer: a model, or a list of models."""
    run: Run[Any]
    creates: bool = False
    """Whether it creates something: it answers 201, and takes an idempotency key, with which a repeat answers 200."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers of the answer: `{"X-Total": "Number of sessions on all pages"}`."""
    status: int = 200
    """Of success, unless it `creates`; with 204 there is no answer."""
    fails: Sequence[int] = ()
    """Statuses of its errors, besides those that any operation of its kind may have."""
    run_all: RunAll[Any] | None = None
    """Does several that follow each other in a batch, faster than `run` does one after another; each on its own."""

    @property
    def scope(self) -> str:
        """The scope that a key needs for it."""
        return "read" if self.method == "GET" else "write"

    @property
    def rule(self) -> str:
        """The path as Flask writes it: `/calls/<int:session_id>/end`."""
        return PLACEHOLDER.sub(r"<int:\1>", self.path)

    @property
    def description(self) -> Description:
        """What others see of it."""
        reads, has_id = self.method == "GET", PLACEHOLDER.search(self.path) is not None
        takes = None if self.takes is Nothing else self.takes
        errors = [401, 403, 429, *([404] if has_id else []), *([422] if takes or self.creates else [])]
        return Description(
            method=self.method,
            path=self.path,
            name=self.name,
            words=words_of(self.run),
            answers=self.answers,
            statuses=(201, 200) if self.creates else (self.status,),
            errors=sorted({*errors, *self.fails, *(() if reads else (400, 409, 413))}),
            query=takes if reads else None,
            body=None if reads else takes,
            longest_key=requests.LONGEST_KEY if self.creates else None,
            headers=self.headers,
        )

    def answer(self, asked: Asked[Any]) -> Answer:
        """Do it.

        Raises:
            NotAllowedError: The client's key lacks the scope.
            HostError: As the operation says.
        """
        asked.client.check_may(self.scope)
        return self.run(asked)

    def answer_all(self, several: Sequence[Asked[Any]]) -> Sequence[Answer | HostError]:
        """Do several of the same client, each on its own; return for each what `answer` returns or raises."""
        assert self.run_all is not None  # noqa: S101 - the caller knows
        several[0].client.check_may(self.scope)
        return self.run_all(several)


class Part:
    """A part of the platform API; its methods are decorators that add an operation."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.operations: list[Operation] = []

    def get(
        self, path: str, takes: type[Taken], answers: Any, *, headers: Mapping[str, str] | None = None
    ) -> Callable[[Run[Taken]], Run[Taken]]:
        """Add an operation that reads.

        Args:
            path: `/calls/{session_id}`.
            takes: The model of the query.
            answers: The type of the answer.
            headers: Those of the answer, by name, and what they say.
        """

        def add(run: Run[Taken]) -> Run[Taken]:
            self._add(Operation("GET", path, self._name(run), takes, answers, run, headers=headers or {}))
            return run

        return add

    def post(
        self,
        path: str,
        takes: type[Taken],
        answers: Any,
        *,
        creates: bool = False,
        headers: Mapping[str, str] | None = None,
        run_all: RunAll[Taken] | None = None,
    ) -> Callable[[Run[Taken]], Run[Taken]]:
        """Add an operation that changes something.

        Args:
            path: `/calls/{session_id}/end`.
            takes: The model of the body.
            answers: The type of the answer.
            creates: As in `Operation`.
            headers: Those of the answer, by name, and what they say.
            run_all: As in `Operation`.
        """

        def add(run: Run[Taken]) -> Run[Taken]:
            name = self._name(run)
            self._add(Operation("POST", path, name, takes, answers, run, creates, headers or {}, run_all=run_all))
            return run

        return add

    def operation(
        self, method: str, path: str, takes: type[Taken], answers: Any, *, status: int = 200, fails: Sequence[int] = ()
    ) -> Callable[[Run[Taken]], Run[Taken]]:
        """Add an operation of any method.

        Args:
            method: `PUT`.
            path: As in `get`.
            takes: The model of the body.
            answers: The type of the answer; None: there is none.
            status: Of success.
            fails: As in `Operation`.
        """

        def add(run: Run[Taken]) -> Run[Taken]:
            self._add(Operation(method, path, self._name(run), takes, answers, run, status=status, fails=fails))
            return run

        return add

    def _add(self, operation: Operation) -> None:
        self.operations.append(operation)

    def _name(self, run: Run[Any]) -> str:
        return f"{self.name}.{run.__name__}"
