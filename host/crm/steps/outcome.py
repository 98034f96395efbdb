"""The outcome of a step, and the result that its intent stores."""

from dataclasses import dataclass, field

from host.crm.exchange.found import Found
from host.crm.intents.step_result import StepResult
from host.crm.response.hit_label import Choice


@dataclass(frozen=True)
class StepOutcome:
    """The outcome of a step."""

    found: Found | None
    """For an account or record step; None when nothing was found and nothing is to be created."""
    result: StepResult = field(default_factory=StepResult)
    """Stored with the intent."""


def result_of(before: StepResult, found: Found | None, facts: StepResult) -> StepResult:
    """Return the result to store: earlier choices are kept, and the new hit is added.

    Args:
        before: The stored result so far.
        found: None: nothing was found.
        facts: Values to store in any case.
    """
    if found is None:
        return StepResult(id=None).and_also(facts)
    kept = StepResult(id=found.id, created=found.is_new, saved=dict(found.saved)).and_also(facts)
    choices = tuple(found.choices) or before.choices
    if found.is_shared:
        kept = kept.and_also(StepResult(shared=True))
    if found.is_new and choices:
        new = Choice(id=found.id, saved=dict(found.saved))
        return kept.and_also(StepResult(made=found.id, choices=(new, *choices)))
    return kept.and_also(StepResult(choices=choices)) if choices else kept
