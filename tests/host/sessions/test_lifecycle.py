import pytest

from host.errors import TransitionError
from host.sessions.lifecycle import CHAT, ENDED, next_status

STATUSES = sorted({action.target for action in CHAT.values()})


@pytest.mark.parametrize(
    ("action", "status", "target"),
    [
        ("offer", "queued", "assigned"),
        ("withdraw the offer of", "assigned", "queued"),
        ("answer", "assigned", "ongoing"),
        ("dismiss", "ongoing", "dismissed"),
        ("resume", "dismissed", "ongoing"),
        ("end", "ongoing", "finished"),
        ("end", "dismissed", "finished"),
        ("cancel", "queued", "canceled"),
        ("cancel", "assigned", "canceled"),
        ("deflect", "queued", "deflected"),
    ],
)
def test_leads_from_status_to_status(action: str, status: str, target: str) -> None:
    assert next_status("chat", action, status).target == target


@pytest.mark.parametrize("status", sorted(ENDED))
@pytest.mark.parametrize("action", sorted(CHAT))
def test_nothing_happens_to_a_chat_that_has_ended(action: str, status: str) -> None:
    with pytest.raises(TransitionError, match="nothing any more"):
        next_status("chat", action, status)


def test_says_what_the_state_allows() -> None:
    with pytest.raises(TransitionError) as refused:
        next_status("chat", "answer", "queued")
    assert refused.value.http_status == 409
    assert str(refused.value) == ("cannot answer a session that is queued; it allows: offer, cancel, deflect, fail")


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_can_be_left_or_has_ended(status: str) -> None:
    assert (status in ENDED) != any(status in action.sources for action in CHAT.values())
