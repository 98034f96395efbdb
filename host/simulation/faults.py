"""The faults of a simulation, and the dice that decide when each strikes.

Every player has dice of their own, seeded by the simulation's seed and the player's name, so that what one of them
meets doesn't depend on how fast the others are.
"""

import random
from collections import Counter
from collections.abc import Mapping

from host.errors import FieldsError

FAULTS = {
    "duplicate": "a request or an agent's command is sent twice, with the same key or id",
    "reorder": "messages of the socket, and of a consumer, arrive out of order",
    "delay": "a request, a command or an agent's reaction takes up to 1.5 s longer",
    "drop": "an adapter's connection is cut, or the answer to a request is lost and the request is sent again",
    "closed_tabs": "an agent closes the tab after joining a session, and opens another one",
    "slow_crm": "the starter CRM answers 1.5 s late",
    "crm_500_after_commit": "the starter CRM does what it is asked for, and answers 500",
}
CRM_FAULTS: dict[str, dict[str, str | float]] = {
    "slow_crm": {"fault": "hang_then_commit", "seconds": 1.5},
    "crm_500_after_commit": {"fault": "500_after_commit", "method": "POST"},
}
"""The rule that the starter CRM is given for each fault of its own."""
LONGEST_DELAY_S = 1.5


def read(given: tuple[str, ...]) -> dict[str, float]:
    """Read `duplicate=0.1`: names and shares.

    Raises:
        FieldsError: There is no such fault, or a share isn't between 0 and 1.
    """
    shares: dict[str, float] = {}
    for text in given:
        name, _, share = text.partition("=")
        if name not in FAULTS:
            raise FieldsError({"fault": f"found {name!r}; allowed: {', '.join(FAULTS)}"})
        try:
            shares[name] = float(share)
        except ValueError:
            shares[name] = -1.0
        if not 0 <= shares[name] <= 1:
            raise FieldsError({"fault": f"found {text!r}; give a share from 0 to 1, such as {name}=0.1"})
    return shares


class Faults:
    """The shares of one simulation, and how often each fault has struck."""

    def __init__(self, shares: Mapping[str, float], seed: int) -> None:
        self.shares = dict(shares)
        self.struck: Counter[str] = Counter()
        self._seed = seed

    def dice(self, player: str) -> "Dice":
        """Return the dice of a player: `agent 3`, `session 17`."""
        return Dice(self, random.Random(f"{self._seed} {player}"))  # noqa: S311 - chance, not secrecy


class Dice:
    """The dice of one player."""

    def __init__(self, faults: Faults, chance: random.Random) -> None:
        self._faults = faults
        self._chance = chance

    def strikes(self, name: str) -> bool:
        """Tell whether a fault strikes now, and count it."""
        strikes = self._chance.random() < self._faults.shares.get(name, 0.0)
        if strikes:
            self._faults.struck[name] += 1
        return strikes

    def delay_s(self) -> float:
        """Return how long to wait, in seconds: 0 unless the fault `delay` strikes."""
        return self.between(0.1, LONGEST_DELAY_S) if self.strikes("delay") else 0.0

    def between(self, least: float, most: float) -> float:
        """Return a number of this range."""
        return self._chance.uniform(least, most)
