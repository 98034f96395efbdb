"""The state of a step in words for an agent.

Source: docs/reference/generic-api.md, Faults.
"""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from host.crm.intents.intents import Intent
from host.crm.session_facts.crm_identity import label_of

State = Literal["none", "working", "retrying", "waiting", "failed", "done"]

_UNAVAILABLE = (
    (re.compile(r"\banswered 5\d\d\b"), "The CRM has an error of its own"),
    (re.compile(r"\banswered \d{3}\b|are waiting already"), "The CRM is busy"),
    (re.compile(r"times in a row"), "The CRM fails again and again"),
)
_REASONS = {
    "crm_timeout": "The CRM does not answer",
    "crm_unavailable": "The CRM cannot be reached",
    "crm_rejected": "The CRM refused",
    "crm_auth": "The CRM does not accept our credentials",
    "crm_answer": "The CRM's answer does not fit the settings",
    "crm_address": "The CRM's address is not allowed",
    "crm_unfinished": "The search could not be finished",
    "crm_ask": "Your decision is needed",
    "crm_not_yet_known": "The outcome is not known yet",
    "crm_killing": "We could not do it",
    "crm_choose": "Several match",
    "crm": "The CRM step did not work out",
}
_WORKING = {
    "account": "Looking up the account.",
    "record": "Opening a record.",
    "comment": "Adding a comment.",
    "update": "Updating the record.",
    "upload": "Uploading a file.",
}
_DONE = {
    ("account", True): "Account created.",
    ("account", False): "Account found.",
    ("record", True): "Record created.",
    ("record", False): "Record found.",
}
_CHOSEN = {"account": "Account chosen.", "record": "Record chosen."}
_NOTHING = {"account": "No account.", "record": "No record."}
_WHAT = {"comment": "Comment", "update": "Update", "upload": "File"}


def state_of(intent: Intent, now: datetime) -> State:
    """Return the state of a step."""
    if intent.state in {"done", "waiting", "failed"}:
        return intent.state  # type: ignore[return-value]
    is_held = intent.lease_until is not None and intent.lease_until > now
    return "retrying" if intent.error and not is_held else "working"


def words_of(intent: Intent, state: State, now: datetime) -> str:
    """Describe it: `Comment (end): The CRM does not answer (add_comment, timed out after 5 s). Next try in 8 s.`."""
    words = _of_step(intent, state, now)
    return f"{_WHAT[intent.step]} ({intent.occurrence}): {words}" if intent.step in _WHAT else words


def words_of_other(intent: Intent) -> str:
    """Describe a step that belongs to another CRM than the settings name."""
    what = f"{_WHAT[intent.step]} ({intent.occurrence})" if intent.step in _WHAT else intent.step.capitalize()
    crm = label_of(intent.crm_key)
    if intent.state == "done":
        return f"{what}: in another CRM ({crm})."
    return f"{what}: waits for another CRM ({crm}) than the settings name. It goes on when that CRM is set again."


def _of_step(intent: Intent, state: State, now: datetime) -> str:
    if state == "done":
        return _done(intent)
    if intent.error is None:
        return _WORKING[intent.step]
    if intent.error["code"] == "crm_choose":
        return f"Several {intent.step}s match: choose one."
    return f"{_problem(intent.error)} {_what_follows(intent, state, now)}"


def _what_follows(intent: Intent, state: State, now: datetime) -> str:
    if state == "working":
        return "Trying again now."
    if state == "retrying":
        verb = "Looking for it again" if intent.state == "unknown" else "Next try"
        return f"{verb} {_in_words(intent.due_at, now)}."
    if state == "waiting":
        return "Look into the CRM, then decide."
    return "Nothing more is tried by itself."


def _done(intent: Intent) -> str:
    result = intent.result
    if intent.step in _WHAT:
        return "Done." if result.skipped is None else f"Not sent: {result.skipped}."
    if result.id is None:
        return _NOTHING[intent.step]
    if result.chosen:
        return _CHOSEN[intent.step]
    return _DONE[intent.step, result.created]


def _problem(error: Mapping[str, Any]) -> str:
    reason = _reason(error)
    said = f': "{error["said"]}"' if error.get("said") else ""
    return f"{reason} ({error['endpoint']}, {error['message']}){said}."


def _reason(error: Mapping[str, Any]) -> str:
    """Describe the kind of problem; a host that has answered is reachable."""
    if error["code"] == "crm_unavailable":
        for pattern, words in _UNAVAILABLE:
            if pattern.search(error["message"]):
                return words
    return _REASONS.get(error["code"], _REASONS["crm"])


def _in_words(due_at: datetime, now: datetime) -> str:
    seconds = math.ceil((due_at - now).total_seconds())
    if seconds <= 0:
        return "now"
    return f"in {seconds} s" if seconds < 100 else f"in {round(seconds / 60)} min"
