"""What remains of a session: its files in the external storage and at the CRM."""

import base64
import io
from datetime import timedelta

from host.files.session_files import NewSessionFile, add
from host.sessions import repository
from host.storage.settings import ExternalStorage, LocalFolder
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.deliveries.conftest import QUARTER, Office

DAY = "archive/2026-05-01"
PHOTO = b"\xff\xd8\xff a photo"


def photo(office: Office, session_id: int) -> NewSessionFile:
    stored = office.files.content.store(io.BytesIO(PHOTO))
    name = f"chat-{session_id}-photo-7.jpg"
    return NewSessionFile("photos", name, "image/jpeg", stored.size_bytes, stored.sha256, stored.path, "7")


def test_a_finished_chat_leaves_its_files_in_the_storage_and_at_the_crm(office: Office, crm: FaultyCrm) -> None:
    session_id = office.finished()
    assert office.run_jobs() == ["transcript"]
    office.deliver()
    assert list(office.stored()) == [f"{DAY}/ujet-chat-transcripts/chat-{session_id}.txt"]
    office.clock.forward(QUARTER)
    assert office.run_jobs() == ["after_session"]
    office.deliver()
    office.story.run(session_id)

    stored = office.stored()
    assert sorted(stored) == [
        f"{DAY}/ujet-chat-transcripts/chat-{session_id}.txt",
        f"{DAY}/ujet-metadata/chat-{session_id}.json",
    ]
    assert {each.state for each in office.of(session_id).values()} == {"done"}
    sent = {row["name"]: base64.b64decode(row["data"]) for row in crm.rows["files"]}
    assert sent == {path.rpartition("/")[2]: content for path, content in stored.items()}


def test_a_photo_goes_out_when_its_session_ends(office: Office, crm: FaultyCrm) -> None:
    session_id = office.story.answered()
    with office.database.write() as connection:
        add(connection, session_id, photo(office, session_id), now=office.clock.now())
    assert office.deliver() == 0
    office.story.end(session_id)
    office.deliver()
    office.story.run(session_id)
    assert office.stored() == {f"{DAY}/ujet-media/chat-{session_id}-photo-7.jpg": PHOTO}
    assert [row["name"] for row in crm.rows["files"]] == [f"chat-{session_id}-photo-7.jpg"]


def test_a_photo_that_comes_late_goes_out_at_once(office: Office) -> None:
    session_id = office.finished()
    with office.database.write() as connection:
        add(connection, session_id, photo(office, session_id), now=office.clock.now())
    office.deliver()
    assert list(office.stored()) == [f"{DAY}/ujet-media/chat-{session_id}-photo-7.jpg"]


def test_a_rating_that_comes_late_rewrites_the_same_file(office: Office, crm: FaultyCrm) -> None:
    session_id = office.finished()
    office.everything(session_id)
    before, path = office.stored(), f"{DAY}/ujet-metadata/chat-{session_id}.json"
    office.clock.forward(timedelta(hours=20))  # on another day
    rate(office, session_id)
    assert office.run_jobs() == ["after_session"]
    office.deliver()
    office.story.run(session_id)
    after = office.stored()
    assert after.keys() == before.keys()
    assert after[path] != before[path]
    assert office.of(session_id)[f"chat-{session_id}.json"].version == 2
    assert [row["name"] for row in crm.rows["files"]].count(f"chat-{session_id}.json") == 2


def test_a_record_that_is_found_late_rewrites_the_metadata(office: Office) -> None:
    session_id = office.story.start()
    office.story.chats.end(session_id, by="end_user")
    office.run_jobs()
    office.story.run(session_id)  # the metadata is still to come, and has it anyway
    assert office.run_jobs() == []
    office.clock.forward(QUARTER)
    assert office.run_jobs() == ["after_session"]

    late = office.story.start({"name": "Eve", "phone": "+12223335555"})
    office.story.chats.end(late, by="end_user")
    office.clock.forward(QUARTER)
    assert sorted(office.run_jobs()) == ["after_session", "transcript"]
    office.story.run(late)
    assert office.run_jobs() == ["after_session"]


def test_a_rating_before_the_metadata_is_in_it_anyway(office: Office) -> None:
    session_id = office.finished()
    office.run_jobs()
    rate(office, session_id)
    office.clock.forward(QUARTER)
    assert office.run_jobs() == ["after_session"]
    assert office.run_jobs() == []
    assert office.files_of(session_id)[f"chat-{session_id}.json"].version == 1


def test_what_is_written_again_unchanged_goes_nowhere(office: Office) -> None:
    session_id = office.finished()
    office.everything(session_id)
    office.files.after_session.write_metadata(session_id)
    assert office.deliver() == 0


def test_without_a_storage_files_go_to_the_crm_alone(office: Office, crm: FaultyCrm) -> None:
    office.story.storage = office.story.storage.model_copy(update={"enabled": False, "also_to_crm": False})
    session_id = office.finished()
    office.everything(session_id)
    assert office.of(session_id) == {}
    assert len(crm.rows["files"]) == 2


def test_files_that_stay_out_of_the_crm_leave_a_link(office: Office, crm: FaultyCrm) -> None:
    office.story.storage = office.story.storage.model_copy(update={"also_to_crm": False})
    session_id = office.finished()
    office.everything(session_id)
    assert crm.rows["files"] == []
    links = {
        f"File\nName: {name}\nhttps://patchbay.example/files/{file.key}"
        for name, file in office.files_of(session_id).items()
    }
    assert {row["body"] for row in crm.rows["comments"]} == links


def test_kinds_that_are_not_ticked_stay_here(office: Office) -> None:
    office.story.storage = office.story.storage.model_copy(update={"files": ("session_metadata",)})
    session_id = office.finished()
    office.everything(session_id)
    assert list(office.of(session_id)) == [f"chat-{session_id}.json"]


def test_files_are_read_where_they_were_sent_to(office: Office) -> None:
    session_id = office.finished()
    office.everything(session_id)
    office.files.keeping.clean_up()
    before = office.story.storage
    office.story.storage = before.model_copy(update={"local": LocalFolder(folder="elsewhere")})
    receipts = [each.receipt for each in office.of(session_id).values()]
    read = [b"".join(office.files.to_storage.read(each or {}, 0, 9)) for each in receipts]
    assert sorted(read) == sorted(content[:10] for content in office.stored().values())


def test_a_file_that_is_written_again_goes_to_the_storage_of_now(office: Office) -> None:
    session_id = office.finished()
    office.everything(session_id)
    name = f"chat-{session_id}.json"
    before = office.story.storage
    changed = {"local": LocalFolder(folder="elsewhere"), "folder_path": "new"}
    office.story.storage = before.model_copy(update=changed)
    rate(office, session_id)
    office.everything(session_id)
    receipt = office.of(session_id)[name].receipt
    assert receipt
    assert (receipt["place"], receipt["path"]) == ("elsewhere", f"new/ujet-metadata/{name}")
    assert (office.story.folder / "elsewhere" / receipt["path"]).is_file()


def test_settings_that_change_while_a_file_is_sent_change_nothing_of_it(office: Office) -> None:
    session_id = office.finished()
    office.run_jobs()
    [taken] = office.take()
    before, asked = office.story.storage, list[str]()

    def changing() -> ExternalStorage:
        asked.append("storage")
        return before if len(asked) == 1 else before.model_copy(update={"local": LocalFolder(folder="elsewhere")})

    vars(office.files.to_storage._storages)["_settings"] = changing
    office.files.courier.deliver(taken.id, taken.run)
    [receipt] = [each.receipt for each in office.of(session_id).values()]
    assert receipt
    assert (office.story.folder / receipt["place"] / receipt["path"]).is_file()


def rate(office: Office, session_id: int) -> None:
    with office.database.write() as connection:
        session = repository.get(connection, session_id)
        repository.set_details(connection, session, {"rated": True}, office.clock.now())
        office.story.outbox.on_event(connection, session, "csat")
