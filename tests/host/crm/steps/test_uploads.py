"""Uploads of complete sessions, also when the CRM fails."""

import base64
from datetime import timedelta

import pytest

from host.crm.intents.leased_intent import LeasedIntent, keep_lease
from host.crm.intents.leases import lease
from host.crm.intents.trace import Secrets
from host.crm.settings.endpoint_parts import Attachment
from tests.host.crm.crm_settings import PATIENT_S, updating
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.crm.late_commits import FAULTS, SETTLED_S, comments, let_late_commits_happen
from tests.host.crm.story import Tell


@pytest.mark.parametrize("fault", FAULTS)
def test_an_upload_is_there_once_and_linked_to(crm: FaultyCrm, tell: Tell, fault: str) -> None:
    crm.honours_keys = False
    story = tell(updating(crm, comment_on=[], update_on=[]))
    session_id = story.answered()
    crm.fail(fault)
    story.upload(session_id)
    story.run(session_id)
    let_late_commits_happen(crm, fault)
    story.run(session_id, for_s=SETTLED_S)
    [file] = crm.rows["files"]
    assert (file["name"], base64.b64decode(file["data"])) == ("photo.png", b"\x89PNG")
    assert comments(crm) == [f"File\nName: photo.png\n{crm.url}/r/1/a/1"]


def test_an_upload_that_conflicts_is_not_lost(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm, timeout_s=PATIENT_S, comment_on=[], update_on=[]))
    session_id = story.answered()
    crm.fail("409")
    story.upload(session_id)
    assert (story.states(session_id)["upload:photos:photo.png"], crm.rows["files"]) == ("failed", [])
    assert not crm.rows["comments"], "a link to what isn't there"


@pytest.mark.parametrize(
    ("attachment", "answer", "link"),
    [
        (
            {"type": "url", "location": "url"},
            {"id": 123, "url": "https://some-hosted-url.com"},
            "https://some-hosted-url.com",
        ),
        ({"type": "url", "location": "url"}, {"url": "/download/7?of=photo"}, "{crm}/download/7?of=photo"),
        (
            {
                "type": "id",
                "location": "id",
                "url": "https://www.customer-api.com/record/{RECORD_ID}/Attachments/{ATTACHMENT_ID}",
            },
            {"id": 123},
            "https://www.customer-api.com/record/1/Attachments/123",
        ),
        ({"type": "id", "location": "nowhere", "url": "https://a.example/{ATTACHMENT_ID}"}, {"id": 123}, None),
    ],
)
def test_both_upload_answers_of_the_reference(
    crm: FaultyCrm, tell: Tell, attachment: dict[str, str], answer: dict[str, object], link: str | None
) -> None:
    upload = {
        "url": f"{crm.url}/files",
        "type": "multipart",
        "files": ["photos"],
        "parameters": [{"name": "file", "value": "{FILE_DATA}"}, {"name": "id", "value": "{RECORD_ID}"}],
        "attachment": attachment,
        "add_comment": True,
    }
    story = tell(updating(crm, comment_on=[], update_on=[], endpoints={"upload_file": upload}))
    crm.answers["/files"] = answer
    session_id = story.answered()
    story.upload(session_id)
    [sent] = [asked for asked in crm.asked if asked.path == "/files"]
    assert b'name="file"; filename="photo.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG' in sent.body
    assert b'name="id"\r\n\r\n1\r\n' in sent.body
    shown = link and link.replace("{crm}", crm.url)
    assert comments(crm) == ["\n".join(filter(None, ["File", "Name: photo.png", shown]))]


@pytest.mark.parametrize(
    ("attachment", "link"),
    [
        ({"type": "url", "location": "url"}, "{crm}/download/photo"),
        ({"type": "url", "location": "nowhere"}, None),
        ({"type": "id", "location": "token", "url": "https://a.example/{ATTACHMENT_ID}"}, "https://a.example/t-1"),
        ({"type": "id", "location": "file.id", "url": "https://a.example/{ATTACHMENT_ID}"}, "https://a.example/1"),
    ],
)
def test_the_link_to_a_file_whose_answer_got_lost_is_read_from_what_was_found(
    crm: FaultyCrm, tell: Tell, attachment: dict[str, str], link: str | None
) -> None:
    settings = updating(crm, comment_on=[], update_on=[], timeout_s=PATIENT_S)
    upload = settings.endpoints.upload_file
    assert upload
    told = {"attachment": Attachment.model_validate(attachment)}
    endpoints = settings.endpoints.model_copy(update={"upload_file": upload.model_copy(update=told)})
    story = tell(settings.model_copy(update={"endpoints": endpoints}))
    session_id = story.answered()
    crm.fail("reset_after_commit")
    story.upload(session_id)
    crm.rows["files"][0] |= {"url": "/download/photo", "token": "t-1"}
    story.run(session_id, for_s=6)
    shown = link and link.replace("{crm}", crm.url)
    assert comments(crm) == ["\n".join(filter(None, ["File", "Name: photo.png", shown]))]


def test_the_same_file_again_is_one_upload(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm, comment_on=[], update_on=[]))
    session_id = story.answered()
    for _ in range(2):
        story.upload(session_id)
    assert len(crm.rows["files"]) == 1


def test_a_file_that_is_gone_is_refused(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm, comment_on=[], update_on=[]))
    session_id = story.answered()
    crm.fail("422")
    story.upload(session_id)
    (story.folder / "photo.png").unlink()
    story.decisions.look_up_again(session_id, story.james, "upload", "photos:photo.png")
    story.run(session_id)
    assert "is not in the data folder any more" in story.card(session_id).events[0].words


def test_an_upload_keeps_its_lease_while_it_is_on_its_way(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    session_id = story.start()
    with story.database.write() as connection:
        [intent] = lease(connection, "me", story.clock.now(), story.runner.crm(connection), session_id=session_id)
    work = LeasedIntent(story.database, story.clock, Secrets(), intent)
    story.clock.forward(timedelta(seconds=10))
    with keep_lease(work, needed=True, every_s=0.01):
        while work.intent.lease_until == intent.lease_until:
            pass
    assert work.intent.lease_until == story.clock.now() + timedelta(seconds=15)
