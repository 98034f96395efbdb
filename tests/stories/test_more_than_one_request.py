"""Endpoints that need more than one flat request: steps, kept values, versions, pages."""

from typing import Any

import pytest

from tests.host.crm.crm_settings import TIMEOUT_S, crm_settings, updating
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.crm.story import Tell

SETTLED_S = 6 * TIMEOUT_S + 6


def with_steps(crm: FaultyCrm) -> dict[str, Any]:
    """An upload as Zendesk has it: the file alone, then a comment that names it."""
    return {
        "url": f"{crm.url}/files",
        "body": "raw",
        "parameters": [{"name": "filename", "value": "{FILE_NAME}"}],
        "files": ["photos"],
        "save": {"token": "id", "kind": "header:Content-Type"},
        "steps": [
            {
                "url": f"{crm.url}/comments",
                "parameters": [
                    {"name": "token", "value": "{SAVED.token}"},
                    {"name": "record", "value": "{RECORD_ID}"},
                ],
                "save": {"comment": "id"},
            },
            {
                "url": f"{crm.url}/records/{{RECORD_ID}}",
                "method": "PATCH",
                "parameters": [{"name": "last_comment", "value": "{SAVED.comment}"}],
            },
        ],
    }


def test_steps_follow_with_what_was_kept(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm, comment_on=[], update_on=[], endpoints={"upload_file": with_steps(crm)}))
    session_id = story.answered()
    story.upload(session_id)
    [upload] = [asked for asked in crm.asked if asked.path == "/files"]
    assert (upload.headers["Content-Type"], upload.query) == ("image/png", {"filename": "photo.png"})
    assert crm.rows["comments"] == [{"id": 1, "token": 1, "record": 1}]
    assert crm.rows["records"][0]["last_comment"] == 1
    assert story.states(session_id)["upload:photos:photo.png"] == "done"


@pytest.mark.parametrize("fault", ["503", "reset"])
def test_a_step_that_fails_repeats_nothing_before_it(crm: FaultyCrm, tell: Tell, fault: str) -> None:
    crm.honours_keys = False
    story = tell(
        updating(crm, comment_on=[], update_on=[], on_unknown="resend", endpoints={"upload_file": with_steps(crm)})
    )
    session_id = story.answered()
    crm.fail("", fault)
    story.upload(session_id)
    assert (len(crm.rows["files"]), len(crm.rows["comments"])) == (1, 0)
    story.run(session_id, for_s=SETTLED_S)
    assert (len(crm.rows["files"]), len(crm.rows["comments"])) == (1, 1)
    assert crm.rows["records"][0]["last_comment"] == 1


def test_a_step_of_unknown_outcome_waits_for_a_person(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm, comment_on=[], update_on=[], endpoints={"upload_file": with_steps(crm)}))
    session_id = story.answered()
    crm.fail("", "commit_then_hang")
    story.upload(session_id)
    story.run(session_id, for_s=SETTLED_S)
    upload = "photos:photo.png"
    assert story.states(session_id)[f"upload:{upload}"] == "waiting"
    assert "upload_file, step 1" in story.card(session_id).events[0].words
    story.decisions.it_exists(session_id, story.james, "upload", upload, None)
    story.run(session_id)
    assert (len(crm.rows["files"]), len(crm.rows["comments"])) == (1, 1)


def test_the_steps_of_a_create_come_before_what_follows(crm: FaultyCrm, tell: Tell) -> None:
    create = {
        "url": f"{crm.url}/accounts",
        "parameters": [{"name": "phone", "value": "{PHONE_NUMBER}"}],
        "save": {"number": "id"},
        "steps": [
            {
                "url": f"{crm.url}/comments",
                "parameters": [{"name": "on", "value": "{ACCOUNT_ID}"}, {"name": "number", "value": "{SAVED.number}"}],
            }
        ],
    }
    record = {
        "url": f"{crm.url}/records",
        "parameters": [{"name": "account_number", "value": "{SAVED.number}"}],
    }
    story = tell(crm_settings(crm, endpoints={"create_account": create, "create_record": record}))
    session_id = story.start()
    crm.fail("", "429")
    story.run(session_id)
    assert (story.ids(session_id), crm.rows["comments"]) == ((None, None), [])
    story.run(session_id, for_s=10)
    assert crm.rows["comments"] == [{"id": 1, "on": 1, "number": 1}]
    assert crm.rows["records"] == [{"id": 1, "account_number": 1}]
    assert (story.ids(session_id), len(crm.rows["accounts"])) == ((1, 1), 1)


def versioned(crm: FaultyCrm) -> dict[str, Any]:
    return {
        "url": f"{crm.url}/records/{{RECORD_ID}}",
        "method": "PATCH",
        "parameters": [{"name": "event", "value": "{EVENT}"}],
        "if_match": {"url": f"{crm.url}/records/{{RECORD_ID}}", "location": "id"},
    }


@pytest.mark.parametrize(("faults", "sent"), [(["412"], 2), (["412", "412"], 2), ([], 1)])
def test_a_version_is_read_first_and_once_more_when_it_has_changed(
    crm: FaultyCrm, tell: Tell, faults: list[str], sent: int
) -> None:
    story = tell(updating(crm, comment_on=[], update_on=["connected"], endpoints={"update_record": versioned(crm)}))
    crm.fail(*faults, method="PATCH")
    session_id = story.answered()
    patches = [asked for asked in crm.asked if asked.method == "PATCH"]
    assert [asked.headers["If-Match"] for asked in patches] == ["1"] * sent
    assert crm.count("GET", "/records/1") == sent
    assert story.states(session_id)["update:connected"] == ("failed" if len(faults) == 2 else "done")


def test_all_pages_of_a_find_count(crm: FaultyCrm, tell: Tell) -> None:
    strangers = [{"id": number, "phone": f"+1999888{number:04}"} for number in range(1, 4)]
    crm.answers["/people"] = {"items": strangers, "next": f"{crm.url}/people/2"}
    crm.answers["/people/2"] = {"items": [{"id": 9, "phone": "+12223334444"}], "next": None}
    find = {
        "url": f"{crm.url}/people",
        "parameters": [{"name": "phone", "value": "{PHONE_NUMBER}"}],
        "response_location": "items",
        "paging": {"type": "next_link", "location": "next"},
    }
    story = tell(crm_settings(crm, endpoints={"find_account_by_query": find}))
    session_id = story.start()
    story.run(session_id)
    assert story.ids(session_id)[0] == 9
    assert "page 1, and there is more" in story.decisions_of(session_id)


def test_a_find_of_records_that_answers_everyone_pops_no_strangers_record(crm: FaultyCrm, tell: Tell) -> None:
    for _ in range(3):
        crm.create("accounts", {"phone": "+19998887777"}, "")
    for number in (1, 2):
        crm.create("records", {"account_id": number, "subject": "A stranger's"}, "")
    crm.ignores_filters = True
    story = tell(crm_settings(crm, reuse_records="account"))
    session_id = story.start()
    story.run(session_id)
    assert story.ids(session_id) == (4, 3)
    assert crm.rows["records"][2]["account_id"] == 4


def test_a_find_with_nothing_to_search_by_is_not_sent(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(crm_settings(crm, marker=False, reuse_records="account"))
    session_id = story.start({"name": "Somebody"})
    story.run(session_id)
    assert crm.count("GET", "/accounts") == 0
    assert len(crm.rows["accounts"]) == 1


@pytest.mark.parametrize(("days", "records"), [(0, 2), (1, 1)])
def test_records_that_were_closed_lately_may_serve_again(crm: FaultyCrm, tell: Tell, days: int, records: int) -> None:
    closed = {"find_record_by_query": None}
    story = tell(crm_settings(crm, reuse_records="account", reuse_closed_days=days, endpoints=closed))
    crm.answers["/records/1"] = {}
    first = story.answered()
    story.end(first)
    del crm.answers["/records/1"]
    closed_find = {"url": f"{crm.url}/nothing", "response_location": "items"}
    story.crm = crm_settings(
        crm, reuse_records="account", reuse_closed_days=days, endpoints={"find_record_by_query": closed_find}
    )
    crm.answers["/nothing"] = {"items": []}
    story.answered()
    assert len(crm.rows["records"]) == records
