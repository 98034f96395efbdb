"""How many handshakes a customer may begin."""

from host.web.server.handshake_budget import MOST_OF_ONE as MOST_OF_ONE_HANDSHAKES
from host.web.server.handshake_budget import PER_S, HandshakeBudget


def test_tokens_of_handshakes_come_back_with_time_and_tickets() -> None:
    now = [0.0]
    budget = HandshakeBudget(lambda: now[0])
    assert all(budget.take("192.0.2.1") for _ in range(MOST_OF_ONE_HANDSHAKES))
    assert not budget.take("192.0.2.1")
    assert budget.take("192.0.2.2")
    budget.give_back("192.0.2.1")
    assert budget.take("192.0.2.1")
    assert not budget.take("192.0.2.1")
    now[0] = 1 / PER_S
    assert budget.take("192.0.2.1")
    assert not budget.take("192.0.2.1")
    now[0] = 1e6
    assert [budget.take("192.0.2.1") for _ in range(MOST_OF_ONE_HANDSHAKES + 1)].count(True) == MOST_OF_ONE_HANDSHAKES
