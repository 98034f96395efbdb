import pytest

from adapter_pages.agent import own_sessions
from adapter_pages.agent.own_sessions import OwnSession, Transcript
from host.errors import FieldsError, NotFoundError
from host.sessions.transfers import Target
from tests.adapter_pages.conftest import Office


def found(office: Office, words: object, agent_id: int | None = None) -> list[OwnSession]:
    with office.database.read() as connection:
        return own_sessions.find(connection, agent_id or office.agent_id, words)


def transcript(office: Office, session_id: int, agent_id: int | None = None) -> Transcript:
    with office.database.read() as connection:
        return own_sessions.transcript(connection, agent_id or office.agent_id, session_id)


@pytest.mark.parametrize("words", ["ada", "LOVE", "+1222333", "ada@", "", " Ada "])
def test_finds_the_agents_sessions_by_what_is_known_of_the_consumer(office: Office, words: str) -> None:
    session_id = office.answered("Ada Lovelace", phone="+12223334444", email="ada@example.com")
    assert [each.session_id for each in found(office, words)] == [session_id]


def test_finds_a_session_by_its_number_and_says_how_it_ended(office: Office) -> None:
    session_id = office.answered("Ada")
    office.answered("Grace")
    office.chats.end(session_id, by="end_user")
    [each] = [each for each in found(office, str(session_id)) if each.session_id == session_id]
    assert (each.channel, each.caller, each.outcome) == ("Chat", "Ada", "finished")


@pytest.mark.parametrize("words", ["%", "_", "\\", "grace", "9" * 19])
def test_finds_nothing_that_does_not_match(office: Office, words: str) -> None:
    office.answered("Ada")
    assert found(office, words) == []


def test_finds_no_sessions_of_others(office: Office) -> None:
    office.answered("Ada")
    eve = office.another_agent("eve@example.com", "Eve")
    assert found(office, "", eve) == []


@pytest.mark.parametrize("words", [None, 7, "x" * 201])
def test_words_that_are_no_text_are_refused(office: Office, words: object) -> None:
    with pytest.raises(FieldsError, match="words"):
        found(office, words)


def test_an_agent_reads_what_was_written_until_they_left(office: Office) -> None:
    session_id = office.answered("Ada")
    office.write(session_id, "Hello")
    eve = office.another_agent("eve@example.com", "Eve")
    office.actions.transfers.transfer(session_id, office.agent_id, Target("agent", eve), is_warm=False, note="Hard")
    office.later()
    office.offers.answer(session_id, eve)
    office.write(session_id, "Only for Eve")
    mine, hers = transcript(office, session_id), transcript(office, session_id, eve)
    assert [line.text for line in mine.lines if line.sender == "end_user"] == ["Hello"]
    assert [line.text for line in hers.lines if line.sender == "end_user"] == ["Hello", "Only for Eve"]
    assert [note.text for note in mine.notes] == ["Hard"]


def test_nobody_reads_a_chat_that_they_were_only_offered(office: Office) -> None:
    session_id = office.start("Ada")
    with pytest.raises(NotFoundError):
        transcript(office, session_id)
