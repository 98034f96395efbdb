"""What the call adapter shows."""

from adapter_pages.agent import fragments, recent_calls, transfer_targets
from adapter_pages.agent.call_view import Call
from host.queues import tree
from host.sessions import repository
from host.sessions.calls import NewCall
from host.sessions.transfers import Target
from host.users import directory
from tests.adapter_pages.conftest import Office

HOSTILE = '\u202e<b>Mallory</b> & "Eve"' + "x" * 300


def call_of(office: Office, agent_id: int | None = None) -> Call:
    found = office.desk("call", agent_id).call
    assert found is not None
    return found


def eve_of(office: Office) -> int:
    return office.another_agent("eve@example.com", "Eve Moneypenny")


def test_a_waiting_call_is_offered_with_its_countdown(office: Office) -> None:
    office.call(answered=False)
    [offer] = office.desk("call").offers
    assert (offer.title, offer.about.caller, offer.about.queue_path) == (
        "New call",
        "Felix Leiter",
        "Developers / James",
    )
    assert offer.ends_at is not None
    assert office.desk("chat").offers == ()


def test_shows_the_state_of_a_call_and_since_when(office: Office) -> None:
    session_id = office.call()
    call = call_of(office)
    assert (call.state, call.is_own, call.is_muted, call.parties) == ("Connected", True, False, ())
    connected_at = call.since
    office.actions.controls.hold(session_id, office.agent_id)
    office.actions.controls.set_muted(session_id, office.agent_id, muted=True)
    office.actions.controls.set_recording_paused(session_id, office.agent_id, paused=True)
    held = call_of(office)
    assert (held.state, held.since, held.begun_at) == ("On hold", office.clock.now(), connected_at)
    assert (held.is_muted, held.is_recording_paused) == (True, True)


def test_the_buttons_say_what_they_will_do(office: Office) -> None:
    session_id = office.call()
    buttons = fragments.regions(office.desk("call"))["call-buttons"]
    for name in ("Mute", "Hold", "Keypad", "Transfer", "Add party", "Pause recording", "End call"):
        assert f">{name}</button>" in buttons
    office.actions.controls.hold(session_id, office.agent_id)
    office.actions.controls.set_muted(session_id, office.agent_id, muted=True)
    office.actions.controls.set_recording_paused(session_id, office.agent_id, paused=True)
    buttons = fragments.regions(office.desk("call"))["call-buttons"]
    for name in ("Unmute", "Resume", "Resume recording"):
        assert f">{name}</button>" in buttons


def test_an_added_agent_is_invited_and_can_only_leave(office: Office) -> None:
    session_id, eve = office.call(), eve_of(office)
    office.actions.controls.add_party(session_id, office.agent_id, agent_id=eve, phone=None)
    [offer] = office.desk("call", eve).offers
    assert (offer.title, offer.inviter, offer.about.session_id) == ("Added by ", "James Bond", session_id)
    assert offer.event_id is not None
    assert [(party.name, party.words) for party in call_of(office).parties] == [("Eve Moneypenny", "ringing")]
    office.offers.answer(session_id, eve)
    joined = call_of(office, eve)
    assert (joined.is_own, joined.parties[0].name, joined.parties[0].can_be_removed) == (False, "James Bond", False)
    assert "Leave call" in fragments.regions(office.desk("call", eve))["call-buttons"]
    office.actions.controls.add_party(session_id, office.agent_id, agent_id=None, phone="+12223335555")
    assert [party.name for party in call_of(office).parties] == ["Eve Moneypenny", "+12223335555"]


def test_a_warm_transfer_rings_at_the_other_and_can_be_canceled(office: Office) -> None:
    session_id, eve = office.call(), eve_of(office)
    office.actions.transfers.transfer(session_id, office.agent_id, Target("agent", eve), is_warm=True)
    [offer] = office.desk("call", eve).offers
    assert (offer.title, offer.inviter) == ("Transfer from ", "James Bond")
    call = call_of(office)
    assert (call.transfer_to, call.state) == ("Eve Moneypenny", "On hold")
    office.actions.transfers.cancel(session_id, office.agent_id)
    assert call_of(office).transfer_to is None
    assert office.desk("call", eve).offers == ()


def test_a_call_that_has_ended_is_wrapped_up(office: Office) -> None:
    with office.database.write() as connection:
        tree.upsert(connection, ("Developers", "James"), settings={"dispositions": ["Solved", "Follow up"]})
    session_id = office.call()
    office.actions.calls.end(session_id, by="end_user")
    office.actions.wrap_ups.save(session_id, office.agent_id, "Solved", "He called")
    call = call_of(office)
    assert (call.state, call.is_live) == ("Wrap-up", False)
    assert call.wrap_up is not None
    assert call.wrap_up.ending.words == "Felix Leiter ended the call"
    assert (call.wrap_up.dispositions, call.wrap_up.disposition) == (("Solved", "Follow up"), "Solved")
    html = fragments.regions(office.desk("call"))
    assert html["call-buttons"] == ""
    assert "He called" in html["call-wrap-up"]
    office.actions.wrap_ups.finish(session_id, office.agent_id, "Solved", "He called")
    assert office.desk("call").calls == ()


def test_a_live_call_comes_before_what_is_wrapped_up(office: Office) -> None:
    office.actions.calls.end(office.call(), by="agent", agent_id=office.agent_id)
    dialled = office.actions.calls.dial(office.agent_id, NewCall(type="voice_outbound", phone="+12223335555"))
    desk = office.desk("call")
    assert [call.state for call in desk.calls] == ["Connected", "Wrap-up"]
    assert call_of(office).about.session_id == dialled.id


def test_hostile_names_are_texts(office: Office) -> None:
    office.call(name=HOSTILE)
    html = fragments.regions(office.desk("call"))
    assert "<b>" not in "".join(html.values())
    assert "&lt;b&gt;Mallory" in html["call-who"]


def test_lists_the_last_calls(office: Office) -> None:
    for number in range(6):
        office.actions.calls.end(office.call(name=f"Caller {number}", phone=f"+1222333444{number}"), by="end_user")
        office.actions.wrap_ups.finish(number + 1, office.agent_id, None, None)
    with office.database.read() as connection:
        found = recent_calls.read(connection, office.agent_id)
    assert [(call.name, call.outcome, call.is_outbound) for call in found] == [
        (f"Caller {number}", "0:01", False) for number in (5, 4, 3, 2, 1)
    ]


def test_targets_are_other_agents_and_all_queues(office: Office) -> None:
    session_id, eve = office.call(), eve_of(office)
    office.call(answered=False, name="Waits")
    with office.database.write() as connection:
        directory.upsert(connection, "off@example.com", name="Off Duty", roles=["agent"])
    with office.database.read() as connection:
        session = repository.get(connection, session_id)
        found = transfer_targets.read(connection, session, office.agent_id, office.clock.now())
    assert [(agent.id, agent.is_free) for agent in found.agents if agent.name != "Off Duty"] == [(eve, True)]
    assert [agent.is_free for agent in found.agents if agent.name == "Off Duty"] == [False]
    assert [(queue.path, queue.waiting) for queue in found.queues] == [("Developers / James", 1), ("Support / Web", 0)]
