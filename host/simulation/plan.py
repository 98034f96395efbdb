"""Plans a simulation: who calls or writes when, and what consumers and agents do. The same seed makes the same plan.

A plan belongs to a session, not to an agent: which agent takes a session depends on how fast everything is.
"""

import random
from dataclasses import dataclass
from typing import Literal

Channel = Literal["call", "chat"]
Reaction = Literal["answer", "decline", "miss"]
QUEUES = (("Simulation", "A"), ("Simulation", "B"))


@dataclass(frozen=True)
class Step:
    """What an agent does in a session."""

    name: str
    """`hold`, `resume`, `mute`, `unmute`, `message`, `transfer`, `warm_transfer`."""
    after_s: float
    """Seconds since the step before."""


@dataclass(frozen=True)
class SessionPlan:
    """One call or chat."""

    number: int
    channel: Channel
    begins_s: float
    """Seconds after the beginning of the simulation."""
    queue: int
    """Place in `QUEUES`."""
    reactions: tuple[Reaction, ...]
    """What agents do when it is offered: the first time, the second time; they answer all further offers."""
    stints: tuple[tuple[Step, ...], ...]
    """What the first agent does, the second one, ...; all but the last end with a transfer."""
    messages: tuple[float, ...]
    """When the consumer of a chat writes, in seconds after they began."""
    patience_s: float | None
    """After so many seconds of waiting they give up; None: they wait."""
    talk_s: float
    """How long the last agent's part takes, after their steps."""
    ends_by: Literal["agent", "end_user"]
    wraps_up: bool
    """Whether agents finish their wrap-up; otherwise its time runs out."""
    rating: int | None
    """1 to 5."""

    @property
    def name(self) -> str:
        """The consumer's name."""
        return f"Caller {self.number}"

    def phone(self, run: str) -> str:
        """Return the consumer's number, which no other session has.

        Args:
            run: Four digits of the simulation.
        """
        return f"+49151{run}{self.number:05d}"


def make(*, calls: int, chats: int, seed: int, over_s: float) -> tuple[SessionPlan, ...]:
    """Plan the sessions, in the order in which they begin.

    Args:
        calls: How many calls.
        chats: How many chats.
        seed: Of everything that is decided by chance.
        over_s: The seconds in which they begin.
    """
    chance = random.Random(seed)  # noqa: S311 - chance, not secrecy
    channels: list[Channel] = ["call" for _ in range(calls)]
    channels += ["chat" for _ in range(chats)]
    chance.shuffle(channels)
    begins = sorted(chance.uniform(0, over_s) for _ in channels)
    return tuple(
        _session(number, channel, at, chance) for number, (channel, at) in enumerate(zip(channels, begins, strict=True))
    )


def _session(number: int, channel: Channel, begins_s: float, chance: random.Random) -> SessionPlan:
    stints = _stints(channel, chance)
    writes = chance.randint(1, 5) if channel == "chat" else 0
    return SessionPlan(
        number=number,
        channel=channel,
        begins_s=begins_s,
        queue=chance.randrange(len(QUEUES)),
        reactions=_reactions(chance),
        stints=stints,
        messages=tuple(sorted(chance.uniform(0, 6) for _ in range(writes))),
        patience_s=chance.uniform(0, 4) if chance.random() < 0.08 else None,
        talk_s=chance.uniform(0.5, 3),
        ends_by="agent" if chance.random() < 0.6 else "end_user",
        wraps_up=chance.random() < 0.9,
        rating=chance.randint(1, 5) if chance.random() < 0.3 else None,
    )


def _reactions(chance: random.Random) -> tuple[Reaction, ...]:
    before: list[Reaction] = []
    while chance.random() < 0.12 and len(before) < 2:
        before.append("decline" if chance.random() < 0.7 else "miss")
    return (*before, "answer")


def _stints(channel: Channel, chance: random.Random) -> tuple[tuple[Step, ...], ...]:
    first, last = _steps(channel, chance), _steps(channel, chance)
    if chance.random() < 0.75:
        return (last,)
    how = "warm_transfer" if chance.random() < 0.4 else "transfer"
    return ((*first, Step(how, chance.uniform(0.2, 1))), last)


def _steps(channel: Channel, chance: random.Random) -> tuple[Step, ...]:
    if channel == "chat":
        return tuple(Step("message", chance.uniform(0.2, 1.5)) for _ in range(chance.randint(0, 3)))
    steps: list[Step] = []
    for one, other in (("hold", "resume"), ("mute", "unmute")):
        if chance.random() < 0.4:
            steps += [Step(one, chance.uniform(0.1, 0.8)), Step(other, chance.uniform(0.2, 1.2))]
    return tuple(steps)
