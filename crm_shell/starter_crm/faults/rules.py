"""Rules that say which requests fail, and how."""

import random
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from crm_shell.starter_crm.errors import FieldsError

FAULTS = {
    "hang": "waits, then answers 503; nothing is done",
    "hang_then_commit": "waits, then does it and answers",
    "commit_then_hang": "does it, waits, then answers",
    "500": "answers 500; nothing is done",
    "500_after_commit": "does it and answers 500",
    "429": "answers 429 with Retry-After; nothing is done",
    "503": "answers 503 with Retry-After; nothing is done",
    "reset": "resets the connection; nothing is done",
    "reset_after_commit": "does it and resets the connection",
    "drip": "does it; the answer's bytes drip over the time",
    "html": "answers 200 with an HTML page; nothing is done",
    "error_in_200": "answers 200 with an error inside; nothing is done",
    "redirect": "answers 302 to a sign-in page elsewhere; nothing is done",
    "ignore_filters": "answers a list as if it had been asked for everything",
}
LONGEST_S = 600


@dataclass
class Rule:
    """One way to go wrong, for the requests that it fits."""

    fault: str
    seconds: float = 10
    """How long hang and drip take; what Retry-After says."""
    path: str = "/api"
    """Start of the paths that it fits."""
    method: str = ""
    """The method that it fits; empty: all."""
    share: float = 1.0
    """How many of those go wrong: 0.2 is every fifth, on average."""
    times: int | None = None
    """How often it strikes at most; none: for ever."""
    seed: int = 1
    """Of the dice for `share`: the same seed strikes the same requests."""
    hits: int = 0
    dice: random.Random = field(default_factory=random.Random, repr=False)  # noqa: S311 - chance, not secrecy

    def __post_init__(self) -> None:
        """Load the dice."""
        self.dice.seed(self.seed)

    def strikes(self, method: str, path: str) -> bool:
        """Tell whether this request goes wrong; call it once a request."""
        if not path.startswith(self.path) or self.method not in ("", method):
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        return self.dice.random() < self.share

    def shown(self) -> dict[str, Any]:
        """Return the rule as ``GET /faults`` lists it."""
        return {name: value for name, value in asdict(self).items() if name != "dice"}


class Rules:
    """The rules in force. Used by many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []

    def add(self, rule: Rule) -> None:
        """Put a rule behind those in force."""
        with self._lock:
            self._rules.append(rule)

    def clear(self) -> None:
        """Behave again."""
        with self._lock:
            self._rules.clear()

    def take(self, method: str, path: str) -> Rule | None:
        """Return the first rule that strikes this request, and count the hit."""
        with self._lock:
            for rule in self._rules:
                if rule.strikes(method, path):
                    rule.hits += 1
                    return rule
        return None

    def shown(self) -> list[dict[str, Any]]:
        """Return the rules with their hits."""
        with self._lock:
            return [rule.shown() for rule in self._rules]


def read(given: Mapping[str, Any]) -> Rule:
    """Return the rule that a JSON object describes.

    Raises:
        FieldsError: Each field that is unknown or wrong.
    """
    known = [name for name in Rule.__dataclass_fields__ if name not in ("hits", "dice")]
    problems = {name: f"is unknown; known: {', '.join(known)}" for name in given if name not in known}
    if given.get("fault") not in list(FAULTS):
        problems["fault"] = f"found {given.get('fault')!r}; allowed: {', '.join(FAULTS)}"
    for name, most in (("seconds", LONGEST_S), ("share", 1)):
        if not _is_number(value := given.get(name, 1)) or not 0 <= value <= most:
            problems[name] = f"found {value!r}; give a number from 0 to {most}"
    for name, kinds in (("times", (int, type(None))), ("seed", (int,)), ("path", (str,)), ("method", (str,))):
        if name in given and (isinstance(given[name], bool) or not isinstance(given[name], kinds)):
            problems[name] = f"found {given[name]!r}; give {' or '.join(kind.__name__ for kind in kinds)}"
    if problems:
        raise FieldsError(problems)
    return Rule(**given)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
