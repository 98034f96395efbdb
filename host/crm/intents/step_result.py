"""What a step has come to, as its row keeps it: parsed once, where the row is read.

A row keeps only the keys that were set, and keys that this version does not know stay in it.

Source: 30-generic-api.md, Flows and Faults.
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
"""Kept as the CRM wrote it: a number stays a number."""


class StepResult(BaseModel):
    """What is kept of a step; a key that is absent in the row has its default."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: Id = None
    """The account's or record's; of a comment or an update, the id of what a search has found."""
    created: bool = False
    """Whether this session has created it."""
    given: bool = False
    """Whether whoever started the session has named it."""
    shared: bool = False
    """Whether another session of the same caller has just created it."""
    chosen: bool = False
    """Whether a person has chosen it."""
    made: Id = None
    """What this session has created, whatever was chosen since."""
    choices: tuple[Choice, ...] = ()
    """What there is to choose from; empty while there were never several."""
    saved: Mapping[str, Any] = {}
    """What the endpoint keeps of its answer, for later requests of the session."""
    account_id: Id = None
    """Of a record: the account under which it was looked for."""
    open_custom_url: bool = False
    """Of an account: whether the queue has a page for callers whom nobody knows."""
    attachment: Id = None
    """Of an upload: the file's id or download URL; None when the CRM did not tell it."""
    skipped: str | None = None
    """Why nothing was sent."""
    discarded: bool = False
    """Whether a person has given the step up."""
    by: str | None = None
    """Who has said that it exists: `a person`."""
    main: "StepResult | None" = None
    """While the steps that follow a request run: what that request came to."""
    next: int | None = None
    """Which of those steps is next, from 0; None: none is under way."""

    @property
    def is_under_way(self) -> bool:
        """Whether the step's own request is done, and the steps that follow it are not."""
        return self.next is not None

    @property
    def has_account(self) -> bool:
        """Whether the row says under which account the record was looked for, if only that there was none."""
        return "account_id" in self.model_fields_set

    def as_json(self) -> dict[str, Any]:
        """Return what the row keeps: what was set, and what was read and is not known here."""
        known = {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}
        return {name: _plain(value) for name, value in known.items()} | (self.model_extra or {})

    def with_choice(self, crm_id: CrmId) -> Self:
        """Return it with the account or record that a person has chosen, and what the find has kept of that one."""
        is_made = as_text(self.made) == as_text(crm_id)
        same = (hit for hit in self.choices if as_text(hit.id) == as_text(crm_id))
        saved = next((hit.saved for hit in same if hit.saved), {})
        return self._with(id=crm_id, created=is_made, chosen=True, saved=saved)

    def with_made(self, crm_id: CrmId) -> Self:
        """Return it with what this session has created."""
        return self._with(made=crm_id)

    def with_saved(self, saved: Mapping[str, Any]) -> Self:
        """Return it with values for later requests."""
        return self._with(saved=dict(saved))

    def with_account(self, account_id: CrmId) -> Self:
        """Return it with the account to which the record belongs now."""
        return self._with(account_id=account_id)

    def with_next_step_done(self) -> Self:
        """Return it with the step that was next counted as done."""
        return self._with(next=(self.next or 0) + 1)

    def without_labels(self) -> Self:
        """Return it with nothing but the ids of its choices."""
        return self._with(choices=tuple(Choice(id=each.id, label="") for each in self.choices))

    def and_also(self, other: "StepResult") -> Self:
        """Return it with what is set in another one."""
        return self._with(**{name: getattr(other, name) for name in other.model_fields_set})

    def _with(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)


def read(stored: Any) -> StepResult:
    """Return what a row says; a value of another shape than ours counts as absent.

    Args:
        stored: Out of the JSON column; None: nothing yet.
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
