from datetime import timedelta

from adapter_pages.agent import fragments
from adapter_pages.agent.missed import Missed
from host.routing import routing
from host.sessions import offers, repository
from host.users import status
from tests.adapter_pages.conftest import Office


def miss(office: Office, name: str) -> None:
    """Let the agent miss a chat."""
    session_id = office.start(name)
    now = office.clock.now()
    with office.database.write() as connection:
        offers.withdraw(connection, repository.get(connection, session_id), "missed", now)
        routing.mark_missed(connection, office.agent_id, "chat", now)
    office.later()


def test_says_whom_the_agent_missed_while_another_chat_is_open(office: Office) -> None:
    office.answered("Ada")
    office.clock.forward(timedelta(minutes=1))
    missed_at = office.clock.now()
    miss(office, "Gone Guest")
    assert office.desk().missed == Missed("chat", "Gone Guest", missed_at)
    assert office.desk("call").missed is None
    words = " ".join(fragments.regions(office.desk())["missed"].split())
    assert "You missed <bdi>Gone Guest</bdi>" in words
    assert "ago and get no new chats." in words


def test_says_so_without_a_name_if_only_the_status_is_known(office: Office) -> None:
    with office.database.write() as connection:
        status.set_status(connection, office.agent_id, "Missed Chat", office.clock.now(), by_system=True)
    missed = office.desk().missed
    assert missed is not None
    assert missed.caller == ""
    assert "You missed a chat" in fragments.regions(office.desk())["missed"]


def test_nothing_is_missed_once_the_agent_is_available(office: Office) -> None:
    miss(office, "Gone Guest")
    with office.database.write() as connection:
        status.set_status(connection, office.agent_id, "Available", office.clock.now())
    assert office.desk().missed is None
    assert fragments.regions(office.desk())["missed"].strip() == ""
