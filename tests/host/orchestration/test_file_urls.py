"""The addresses by which lists show files."""

from host.files.session_files import SessionFile
from host.orchestration import file_urls
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.deliveries.conftest import Office, crm, office

__all__ = ["crm", "office"]


def shown(office: Office, session_id: int) -> dict[str, str]:
    settings = office.story.settings()

    def permanent(file: SessionFile) -> str:
        return f"ours:{file.name}"

    with office.database.read() as connection:
        url_of = file_urls.shown(connection, settings, office.clock.now(), permanent)
        return {name: url_of(file) for name, file in office.files_of(session_id).items()}


def test_external_addresses_are_ours(office: Office) -> None:
    session_id = office.finished()
    office.everything(session_id)
    assert set(shown(office, session_id).values()) == {f"ours:chat-{session_id}.txt", f"ours:chat-{session_id}.json"}


def test_addresses_of_the_crm_are_those_of_its_attachments(office: Office, crm: FaultyCrm) -> None:
    office.story.storage = office.story.storage.model_copy(update={"show_urls": "crm"})
    session_id = office.finished()
    office.run_jobs()
    assert shown(office, session_id) == {f"chat-{session_id}.txt": f"ours:chat-{session_id}.txt"}, "not there yet"
    office.everything(session_id)
    assert sorted(shown(office, session_id).values()) == [f"{crm.url}/r/1/a/1", f"{crm.url}/r/1/a/2"]
