"""The steps of each job.

A step runs again when a kill interrupted it, so each step is idempotent.
"""

from collections.abc import Mapping

from host.crm.intents import intents
from host.crm.steps.runner import MAX_CRASHES
from host.events import journal
from host.jobs import job_rows
from host.jobs.engine import Step
from host.jobs.failures import DeadLetterError
from host.worker.parts import Parts

GIVEN_UP = ("failed", "waiting")


def all_jobs(parts: Parts) -> Mapping[str, list[Step]]:
    """Return the steps of each job, in order."""

    def carry_on(intent_id: int, owner: str) -> None:
        state = parts.runner.carry_on(intent_id, owner)
        if state in GIVEN_UP:
            raise DeadLetterError(f"step {intent_id} of the CRM's work is {state}")

    def settle(session_id: int) -> None:
        record_open_steps(parts, session_id)

    after = parts.files.after_session
    return {
        "crm": [carry_on],
        "transcript": [after.write_transcript],
        "after_session": [settle, after.write_metadata],
        "deliver": [parts.files.courier.deliver],
    }


def count_starts(parts: Parts, name: str, run_key: str) -> None:
    """Count a start of a job, and fail a job that crashes its process: it would stop all other work for ever.

    The CRM runner counts the starts of its steps itself.

    Raises:
        DeadLetterError: The job has crashed its process too often.
    """
    if name not in job_rows.KINDS:
        return
    with parts.database.write() as connection:
        begun = job_rows.count_start(connection, run_key)
    if begun > MAX_CRASHES:
        raise DeadLetterError("its process died in it again and again")


def record_open_steps(parts: Parts, session_id: int) -> None:
    """Write one journal row about a session's work in the CRM: all is done, or which steps are not."""
    with parts.database.write() as connection:
        open_steps = [
            f"{intent.step} {intent.occurrence}".strip()
            for intent in intents.of_session(connection, session_id)
            if intent.state != "done"
        ]
        journal.append(
            connection,
            "unfinished" if open_steps else "settled",
            now=parts.clock.now(),
            session_id=session_id,
            data={"steps": open_steps},
            once=f"settled:{session_id}",
        )
