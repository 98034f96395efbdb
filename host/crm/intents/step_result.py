"""Results of steps: one type, parsed once, when the row is read.

A row has only the keys that were set. Keys that this version does not know are kept.

Source: docs/reference/generic-api.md, Flows; docs/reference/generic-api.md, Create-once.
"""

import logging
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, SkipValidation, ValidationError

from host.crm.response.hit_label import Choice
from host.crm.templates.quoting import as_text
from host.sessions.model import CrmId

log = logging.getLogger(__name__)

Id = Annotated[CrmId | None, SkipValidation]
"""Stored as the CRM wrote it: a number stays a number."""


class StepResult(BaseModel):
    """The stored result of a step; a key that is absent in the row has its default."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: Id = None
    """The id of the account or record; for a comment or an update, the id that a search found."""
    created: bool = False
    """Whether this session created it."""
    given: bool = False
    """Whether it was named when the session started."""
    shared: bool = False
    """Whether another session of the same caller just created it."""
    chosen: bool = False
    """Whether a person chose it."""
    made: Id = None
    """The id that this session created, also after a person chose another one."""
    choices: tuple[Choice, ...] = ()
    """The hits to choose from; empty when there were never several."""
    saved: Mapping[str, Any] = {}
    """The values that the endpoint saved from its answer, for later requests of the session."""
    account_id: Id = None
    """For a record: the account in which it was searched for."""
    open_custom_url: bool = False
    """For an account: whether the queue has a page for unknown callers."""
    attachment: Id = None
    """For an upload: the file's id or download URL; None when the answer has none."""
    skipped: str | None = None
    """The reason why nothing was sent."""
    discarded: bool = False
    """Whether a person discarded the step."""
    by: str | None = None
    """Who confirmed that it exists: `a person`."""
    main: "StepResult | None" = None
    """While the further steps of an endpoint run: the result of its main request."""
    next: int | None = None
    """The index of the next of these steps, from 0; None: none is in progress."""

    @property
    def is_under_way(self) -> bool:
        """Whether the main request is done, and its further steps are not."""
        return self.next is not None

    @property
    def has_account(self) -> bool:
        """Whether the row has the account of the record search; it may say that there was none."""
        return "account_id" in self.model_fields_set

    def as_json(self) -> dict[str, Any]:
        """Return the JSON for the row: the values that were set, and unknown keys that were read."""
        known = {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}
        return {name: _plain(value) for name, value in known.items()} | (self.model_extra or {})

    def with_choice(self, crm_id: CrmId) -> Self:
        """Return it with the account or record that a person chose, and the values saved of it."""
        is_made = as_text(self.made) == as_text(crm_id)
        same = (hit for hit in self.choices if as_text(hit.id) == as_text(crm_id))
        saved = next((hit.saved for hit in same if hit.saved), {})
        return self._with(id=crm_id, created=is_made, chosen=True, saved=saved)

    def with_made(self, crm_id: CrmId) -> Self:
        """Return it with the id that this session created."""
        return self._with(made=crm_id)

    def with_saved(self, saved: Mapping[str, Any]) -> Self:
        """Return it with values for later requests."""
        return self._with(saved=dict(saved))

    def with_account(self, account_id: CrmId) -> Self:
        """Return it with the current account of the record."""
        return self._with(account_id=account_id)

    def with_next_step_done(self) -> Self:
        """Return it with the next step marked as done."""
        return self._with(next=(self.next or 0) + 1)

    def without_labels(self) -> Self:
        """Return it with only the ids of its choices."""
        return self._with(choices=tuple(Choice(id=each.id, label="") for each in self.choices))

    def and_also(self, other: "StepResult") -> Self:
        """Return it with the values that are set in another result."""
        return self._with(**{name: getattr(other, name) for name in other.model_fields_set})

    def _with(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)


def read(stored: Any) -> StepResult:
    """Parse the result in a row; a value of an unexpected type counts as absent.

    Args:
        stored: From the JSON column; None: no result yet.
    """
    if not isinstance(stored, Mapping):
        return StepResult()
    try:
        return StepResult.model_validate(stored)
    except ValidationError as error:
        broken = {each["loc"][0] for each in error.errors(include_input=False, include_url=False)}
        log.warning("a step's result holds values that cannot be read: %s", ", ".join(sorted(map(str, broken))))
        return StepResult.model_validate({name: value for name, value in stored.items() if name not in broken})


def _plain(value: Any) -> Any:
    if isinstance(value, StepResult | Choice):
        return value.as_json()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return dict(value) if isinstance(value, Mapping) else value
