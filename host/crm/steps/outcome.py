"""What a step ends with, and what its intent keeps of that."""

from dataclasses import dataclass, field

from host.crm.exchange.found import Found
from host.crm.intents.step_result import StepResult
from host.crm.response.hit_label import Choice


@dataclass(frozen=True)
class StepOutcome:
    """What a step ended with."""

    found: Found | None
    """Of an account or record step; None when there is none and none is to be made."""
    result: StepResult = field(default_factory=StepResult)
    """Kept with the intent."""


def result_of(before: StepResult, found: Found | None, facts: StepResult) -> StepResult:
    """Return what an intent keeps of what was found: what there was to choose from stays, the new one with it.

    Args:
        before: What it has kept so far.
        found: None: nothing.
        facts: What is kept in any case.
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
