"""A chat comes; until the agent sees the caller's card, and after his click the chat: the CRM may hang meanwhile."""

from collections.abc import Callable

from bench.chats import Desk, Seen, desk
from bench.run import Row, Series, at_most_more
from bench.world import World

ROUNDS = 12
HANGS_S = 10
NOISE_MS = 10
"""Two series of the same thing differ by so much on a machine that does something else besides."""


def measure(world: World) -> list[Row]:
    """Chat with a fast CRM, then with one that answers nobody."""
    with world.profile() as context, desk(world, context) as agent:
        agent.chat()  # the first one makes connections and processes
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
