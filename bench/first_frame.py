"""Benchmark: from a chat's start to the card, and from the agent's click to the chat, with a CRM that may hang."""

from collections.abc import Callable

from bench.chats import Desk, Seen, desk
from bench.run import Row, Series, at_most_more
from bench.world import World

ROUNDS = 12
HANGS_S = 10
NOISE_MS = 10
"""Two series differ by this much on a machine that is not idle."""


def measure(world: World) -> list[Row]:
    """Chat with a fast CRM, then with one that doesn't answer."""
    with world.profile() as context, desk(world, context) as agent:
        agent.chat()  # a warm-up: it opens connections and starts processes
        fast = _chats(agent)
        world.product.crm.fault("hang", seconds=HANGS_S)
        hanging = _chats(agent)
    return [
        _row("chat comes to caller card, CRM hangs", hanging, fast, lambda seen: seen.offered_at - seen.started_at),
        _row("answer to chat, CRM hangs", hanging, fast, lambda seen: seen.answered_at - seen.clicked_at),
    ]


def _chats(agent: Desk) -> list[Seen]:
    return [agent.chat(waits_for_record=False) for _ in range(ROUNDS)]


def _row(name: str, hanging: list[Seen], fast: list[Seen], took: Callable[[Seen], float]) -> Row:
    baseline = Series("CRM at 0 ms", [took(seen) for seen in fast])
    return Row(name, Series("CRM hangs", [took(seen) for seen in hanging]), baseline, at_most_more(NOISE_MS))
