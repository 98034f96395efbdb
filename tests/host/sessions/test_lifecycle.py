import pytest

from host.errors import TransitionError
from host.sessions.lifecycle import CALL, CHAT, ENDED, next_status

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


@pytest.mark.parametrize(
    ("action", "status", "target"),
    [
        ("queue", "scheduled", "queued"),
        ("queue", "selecting", "queued"),
        ("offer", "queued", "assigned"),
        ("withdraw the offer of", "assigned", "queued"),
        ("answer", "assigned", "connecting"),
        ("connect", "connecting", "connected"),
        ("requeue", "connected", "requeued"),
        ("offer", "requeued", "assigned"),
        ("end", "connected", "finished"),
        ("fail", "connecting", "failed"),
        ("deflect", "queued", "deflected"),
        ("take a voicemail from", "queued", "voicemail"),
        ("keep the voicemail of", "voicemail", "voicemail_received"),
        ("read the voicemail of", "voicemail_received", "voicemail_read"),
    ],
)
def test_leads_a_call_from_status_to_status(action: str, status: str, target: str) -> None:
    assert next_status("call", action, status).target == target


@pytest.mark.parametrize(("action", "status"), [("end", "queued"), ("fail", "connected"), ("answer", "finished")])
def test_refuses_what_a_calls_state_does_not_allow(action: str, status: str) -> None:
    with pytest.raises(TransitionError):
        next_status("call", action, status)


def test_a_call_that_has_ended_stays_so() -> None:
    leaves = {target.target for target in CALL.values() for source in target.sources if source in ENDED}
    assert leaves <= ENDED
