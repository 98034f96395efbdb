import pytest
from sqlalchemy import select

from adapter_pages.agent import fragments
from adapter_pages.agent.hand_over import HandOver, Line
from host.db.tables import journal
from host.errors import FieldsError, NotAllowedError
from host.sessions.notes import MAX_LENGTH
from host.sessions.transfers import Target
from tests.adapter_pages.conftest import Office

WHY = "Has paid twice, wants one back"


@pytest.fixture
def eve(office: Office) -> int:
    return office.another_agent("eve@example.com", "Eve Moneypenny")


def told(office: Office, agent_id: int) -> HandOver:
    """Return the bundle of the agent's only offer."""
    [offer] = office.desk("chat", agent_id).offers
    assert offer.hand_over is not None
    return offer.hand_over


def hand_over(office: Office, session_id: int, agent_id: int, *, is_warm: bool, why: str = WHY) -> None:
    office.actions.transfers.transfer(session_id, office.agent_id, Target("agent", agent_id), is_warm=is_warm, note=why)
    office.later()


@pytest.mark.parametrize("is_warm", [True, False])
def test_the_next_agent_sees_who_why_and_what_was_said_before_they_answer(
    office: Office, eve: int, *, is_warm: bool
) -> None:
    session_id = office.answered("Ada")
    for text in ("Hello", "I paid twice", "On Monday"):
        office.write(session_id, text)
    office.say(session_id, "I see " + "x" * 300)
    office.actions.notes.add(session_id, office.agent_id, "Speaks German", "note-1")
    hand_over(office, session_id, eve, is_warm=is_warm)
    bundle = told(office, eve)
    assert (bundle.agent, bundle.why, bundle.times) == ("James Bond", WHY, 1)
    assert [line.author for line in bundle.lines] == ["Ada", "Ada", "James Bond"]
    assert bundle.lines[0] == Line("Ada", "I paid twice")
    assert len(bundle.lines[2].text) == 200
    assert [note.text for note in bundle.notes] == ["Speaks German"]
    html = fragments.regions(office.desk("chat", eve))["offers"]
    for words in ("Transfer from", "James Bond", WHY, "On Monday", "Speaks German", "Transferred for the first time"):
        assert words in html


def test_it_says_how_often_a_session_was_handed_on_and_keeps_the_notes(office: Office, eve: int) -> None:
    session_id = office.answered("Ada")
    hand_over(office, session_id, eve, is_warm=False)
    office.offers.answer(session_id, eve)
    [chat] = office.desk("chat", eve).chats
    assert [note.text for note in chat.notes] == [WHY]
    office.actions.transfers.transfer(session_id, eve, Target("agent", office.agent_id), is_warm=False)
    bundle = told(office, office.agent_id)
    assert (bundle.agent, bundle.why, bundle.times_words) == ("Eve Moneypenny", "", "Transferred 2 times")


def test_an_offer_that_is_no_transfer_has_no_bundle(office: Office) -> None:
    office.start()
    [offer] = office.desk().offers
    assert offer.hand_over is None


def test_a_note_is_stored_once_and_is_not_in_the_journal(office: Office) -> None:
    session_id = office.answered("Ada")
    for _ in range(2):
        office.actions.notes.add(session_id, office.agent_id, " Is a doctor ", "note-1")
    [chat] = office.desk().chats
    assert [(note.author, note.text) for note in chat.notes] == [("James Bond", "Is a doctor")]
    assert "Is a doctor" in fragments.regions(office.desk())[f"chat-{session_id}-notes"]
    with office.database.read() as connection:
        assert "doctor" not in str(connection.execute(select(journal.c.data)).all())


@pytest.mark.parametrize(("text", "says"), [("  ", "empty"), (7, "text"), ("x" * (MAX_LENGTH + 1), "at most")])
def test_a_note_that_cannot_be_kept_is_refused(office: Office, text: object, says: str) -> None:
    session_id = office.answered("Ada")
    with pytest.raises(FieldsError, match=says):
        office.actions.notes.add(session_id, office.agent_id, text, "note-1")


def test_nobody_notes_anything_about_another_agents_chat(office: Office, eve: int) -> None:
    session_id = office.answered("Ada")
    with pytest.raises(NotAllowedError):
        office.actions.notes.add(session_id, eve, "Hello", "note-1")
