"""Uploads and comments of several requests: each can send the file, the text and saved values."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from host.crm.settings.crm import CrmSettings
from tests.host.crm.crm_settings import PATIENT_S, TIMEOUT_S
from tests.host.crm.crm_settings import updating as hurried
from tests.host.crm.faulty_crm import Asked, FaultyCrm
from tests.host.crm.story import Story, Tell

FOUND_S = 6
"""Time in which a search finds what was done."""
SETTLED_S = 6 * PATIENT_S + 20
"""Time in which a request that was not done is sent again."""
PHOTO = b"\x89PNG"
UPLOAD = "upload:photos:photo.png"
DOCS = Path(__file__).parents[4] / "docs" / "crm.md"
EXAMPLES = [block for block in re.findall(r"```json\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL) if "steps" in block]


def updating(crm: FaultyCrm, **changes: Any) -> CrmSettings:
    return hurried(crm, **{"timeout_s": PATIENT_S, **changes})


def quiet(tell: Tell, crm: FaultyCrm, **endpoints: Any) -> Story:
    """Return settings with uploads and the comments that link to them."""
    return tell(updating(crm, comment_on=[], update_on=[], endpoints=endpoints))


def example(crm: FaultyCrm, at: int) -> dict[str, Any]:
    text = EXAMPLES[at].replace("https://api.crm.example", crm.url).replace("https://crm.example", crm.url)
    return json.loads(f"{{{text}}}")  # type: ignore[no-any-return]


def keeps_files_first(crm: FaultyCrm) -> None:
    """Accept a file for a token, and tokens with a comment, as Zendesk does."""

    def take(asked: Asked) -> tuple[int, Any]:
        crm.rows["files"].append({"content": asked.body, **asked.query})
        return 201, {"upload": {"token": f"t-{len(crm.rows['files'])}"}}

    def attach(asked: Asked) -> tuple[int, Any]:
        comment = asked.json["case"]["comment"]
        if not comment.get("uploads"):
            return 422, {"error": "no uploads"}
        crm.rows["comments"].append(comment)
        return 200, {"case": {"id": 1}}

    crm.acts = {"POST /uploads": take, "PUT /cases/1": attach}


def reserves_places(crm: FaultyCrm) -> None:
    """Return an upload URL, accept the file there, and attach it, as object stores do."""

    def reserve(asked: Asked) -> tuple[int, Any]:
        crm.rows["files"].append(asked.json)
        return 201, {"file": {"id": "f-1", "put_at": "/places/f-1?signature=a%2Fb"}}

    def put(asked: Asked) -> tuple[int, Any]:
        if not asked.body or asked.query != {"signature": "a/b"}:
            return 400, {"error": "nothing to keep, or no leave"}
        crm.rows["files"][0]["content"] = asked.body
        crm.rows["files"][0]["as"] = asked.headers["Content-Type"]
        return 200, {}

    def attach(asked: Asked) -> tuple[int, Any]:
        crm.rows["records"][0]["files"] = asked.json["files"]
        return 200, {}

    crm.acts = {"POST /files": reserve, "PUT /places/f-1": put, "POST /cases/1/files": attach}


def test_a_file_first_and_a_comment_after_it_as_the_docs_have_it(crm: FaultyCrm, tell: Tell) -> None:
    keeps_files_first(crm)
    story = quiet(tell, crm, **example(crm, 0))
    session_id = story.answered()
    story.upload(session_id)
    assert crm.rows["files"] == [{"content": PHOTO, "filename": "photo.png"}]
    assert crm.rows["comments"] == [{"body": "photo.png", "uploads": ["t-1"]}]
    assert story.states(session_id)[UPLOAD] == "done"


def test_a_place_then_the_file_then_the_record_as_the_docs_have_it(crm: FaultyCrm, tell: Tell) -> None:
    reserves_places(crm)
    story = quiet(tell, crm, **example(crm, 1))
    session_id = story.answered()
    story.upload(session_id)
    assert crm.rows["files"] == [{"name": "photo.png", "size": len(PHOTO), "content": PHOTO, "as": "image/png"}]
    assert crm.rows["records"][0]["files"] == ["f-1"]
    assert crm.rows["comments"][0]["body"] == f"File\nName: photo.png\n{crm.url}/cases/1/files/f-1"


@pytest.mark.parametrize("fault", ["503", "500"])
def test_the_file_is_still_there_for_a_step_that_is_tried_later(crm: FaultyCrm, tell: Tell, fault: str) -> None:
    reserves_places(crm)
    endpoints = example(crm, 1)
    endpoints["upload_file"]["steps"][0]["idempotent"] = True
    story = quiet(tell, crm, **endpoints)
    session_id = story.answered()
    crm.fail(fault, method="PUT")
    story.upload(session_id)
    assert not crm.rows["comments"], "a link to what isn't there"
    story.run(session_id, for_s=SETTLED_S)
    assert crm.rows["files"][0]["content"] == PHOTO
    assert len(crm.rows["comments"]) == 1


def test_a_refused_step_makes_no_link(crm: FaultyCrm, tell: Tell) -> None:
    reserves_places(crm)
    story = quiet(tell, crm, **example(crm, 1))
    session_id = story.answered()
    crm.fail("422", method="PUT")
    story.upload(session_id)
    assert (story.states(session_id)[UPLOAD], crm.rows["comments"]) == ("failed", [])
    story.decisions.look_up_again(session_id, story.james, "upload", "photos:photo.png")
    story.run(session_id)
    assert (len(crm.rows["files"]), crm.rows["files"][0]["content"]) == (1, PHOTO)
    assert len(crm.rows["comments"]) == 1


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        (
            {"body": "multipart", "parts": [{"name": "f", "file": True}]},
            b'name="f"; filename="photo.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG',
        ),
        ({"body": "multipart", "parameters": [{"name": "f", "value": "{FILE_DATA}"}]}, b'filename="photo.png"'),
        ({"parameters": [{"name": "data", "value": "{FILE_DATA}"}]}, b'{"data": "iVBORw=="}'),
        ({"parameters": [{"name": "uri", "value": "{FILE_DATA_URI}"}]}, b"data:image/png;base64,iVBORw=="),
        ({"format": "template", "template": {"a": ["{FILE_KIND}", "{FILE_SIZE}"]}}, b'{"a": ["photos", 4]}'),
        ({"body": "form", "parameters": [{"name": "n", "value": "{FILE_NAME}"}]}, b"n=photo.png"),
    ],
)
def test_a_step_carries_the_file_in_every_form(crm: FaultyCrm, tell: Tell, form: dict[str, Any], sent: bytes) -> None:
    upload = {"url": f"{crm.url}/begin", "files": ["photos"], "steps": [{"url": f"{crm.url}/second", **form}]}
    story = quiet(tell, crm, upload_file=upload)
    session_id = story.answered()
    story.upload(session_id)
    [asked] = [asked for asked in crm.asked if asked.path == "/second"]
    assert sent in asked.body
    assert story.states(session_id)[UPLOAD] == "done"


def in_two(crm: FaultyCrm, *, marker: bool = True, **keys: Any) -> dict[str, Any]:
    """A comment that is created first and added to a conversation afterwards."""
    find = {"method": "GET", "parameters": [], "response_location": "items", "marker": "external_id"}
    template = {"messages": ["{SAVED.comment}"], "text": "{COMMENT_BODY}"}
    whole = {
        "url": f"{crm.url}/comments",
        "parameters": [{"name": "body", "value": "{COMMENT_BODY}"}],
        "save": {"comment": "id"},
        "steps": [{"url": f"{crm.url}/conversation", "format": "template", "template": template}],
        **({"marker": "external_id", "alternatives": [{**find, **keys.pop("find", {})}]} if marker else {}),
        **keys,
    }
    return {"add_comment": whole}


def conversation(crm: FaultyCrm) -> list[Any]:
    return [asked.json for asked in crm.asked if asked.path == "/conversation"]


def test_a_step_carries_the_comments_text(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm, comment_on=["start"], update_on=[], endpoints=in_two(crm)))
    story.answered()
    [sent] = conversation(crm)
    assert (sent["messages"], sent["text"].splitlines()[0]) == ([1], "Chat started")


@pytest.mark.parametrize(
    ("keys", "messages"),
    [
        ({}, [1]),
        ({"save": {"comment": "comment.id"}, "response_location": "comment"}, [1]),
        ({"save": {"comment": "note.number"}, "find": {"save": {"comment": "id"}}}, [1]),
    ],
)
@pytest.mark.parametrize("fault", ["commit_then_hang", "reset_after_commit"])
def test_what_a_step_needs_is_read_from_what_was_found(
    crm: FaultyCrm, tell: Tell, fault: str, keys: dict[str, Any], messages: list[Any]
) -> None:
    waits_s = TIMEOUT_S if fault == "commit_then_hang" else PATIENT_S
    endpoints = in_two(crm, **keys)
    story = tell(updating(crm, comment_on=["start"], update_on=[], endpoints=endpoints, timeout_s=waits_s))
    crm.fail("", "", fault)
    session_id = story.answered()
    story.run(session_id, for_s=FOUND_S)
    assert [sent["messages"] for sent in conversation(crm)] == [messages]
    assert (story.states(session_id)["comment:start"], len(crm.rows["comments"])) == ("done", 1)


@pytest.mark.parametrize("location", ["header:Location", "somewhere.else"])
def test_a_step_whose_value_nobody_tells_waits(crm: FaultyCrm, tell: Tell, location: str) -> None:
    story = tell(updating(crm, comment_on=["start"], update_on=[], endpoints=in_two(crm, save={"comment": location})))
    crm.fail("", "", "reset_after_commit")
    session_id = story.answered()
    story.run(session_id, for_s=FOUND_S)
    assert (story.states(session_id)["comment:start"], conversation(crm)) == ("waiting", [])
    assert "no answer before it has told {SAVED.comment}" in story.card(session_id).events[0].words
    story.crm = updating(crm, comment_on=["start"], update_on=[], endpoints=in_two(crm))
    story.decisions.look_up_again(session_id, story.james, "comment", "start")
    story.run(session_id)
    assert [sent["messages"] for sent in conversation(crm)] == [[1]]
    assert (story.states(session_id)["comment:start"], len(crm.rows["comments"])) == ("done", 1)


NOTHING = [{}, {"id": None}, {"id": ""}, {"id": "  "}, {"id": []}, {"id": {}}, [], "text", 7, None]


@pytest.mark.parametrize("told", NOTHING, ids=json.dumps)
def test_no_answer_makes_an_empty_step(crm: FaultyCrm, tell: Tell, told: Any) -> None:
    crm.answers["/comments"] = told
    story = tell(updating(crm, comment_on=["start"], update_on=[], endpoints=in_two(crm, marker=False)))
    session_id = story.answered()
    assert (story.states(session_id)["comment:start"], conversation(crm)) == ("waiting", [])


@pytest.mark.parametrize("told", [0, 7, "7", False, 1.5, ["a"], {"a": 1}], ids=json.dumps)
def test_whatever_is_told_keeps_its_type(crm: FaultyCrm, tell: Tell, told: Any) -> None:
    crm.answers["/comments"] = {"id": told}
    story = tell(updating(crm, comment_on=["start"], update_on=[], endpoints=in_two(crm, marker=False)))
    story.answered()
    assert [sent["messages"] for sent in conversation(crm)] == [[told]]


@pytest.mark.parametrize(
    "url", ["{SAVED.place}", "{SAVED.place}/end", "{crm}/x/{SAVED.place}", "{crm}/x?at={SAVED.place}"]
)
def test_a_later_step_may_go_where_an_earlier_one_says(crm: FaultyCrm, tell: Tell, url: str) -> None:
    crm.answers["/places"] = {"at": f"{crm.url}/place"}
    steps = [
        {
            "url": f"{crm.url}/places",
            "parameters": [{"name": "of", "value": "{SAVED.comment}"}],
            "save": {"place": "at"},
        },
        {"url": url.replace("{crm}", crm.url)},
    ]
    story = tell(updating(crm, comment_on=["start"], update_on=[], endpoints=in_two(crm, steps=steps)))
    crm.fail("", "", "reset_after_commit")
    session_id = story.answered()
    story.run(session_id, for_s=FOUND_S)
    assert story.states(session_id)["comment:start"] == "done"
    assert (len(crm.rows["comments"]), crm.count("POST", "/place"), crm.count("POST", "/x")) in {(1, 2, 0), (1, 1, 1)}


def test_an_answer_that_lacks_what_a_step_needs_is_not_sent_for_again(crm: FaultyCrm, tell: Tell) -> None:
    endpoints = in_two(crm, marker=False, save={"comment": "somewhere.else"})
    story = tell(updating(crm, comment_on=["start"], update_on=[], endpoints=endpoints))
    session_id = story.answered()
    assert (story.states(session_id)["comment:start"], conversation(crm)) == ("waiting", [])
    story.decisions.look_up_again(session_id, story.james, "comment", "start")
    story.run(session_id)
    assert (story.states(session_id)["comment:start"], len(crm.rows["comments"])) == ("waiting", 1)


def test_a_step_may_do_without_a_value(crm: FaultyCrm, tell: Tell) -> None:
    parameters = [{"name": "on", "value": "=DEFAULT_VALUE({SAVED.comment}, none)"}]
    steps = [{"url": f"{crm.url}/conversation", "parameters": parameters}]
    endpoints = in_two(crm, save={"comment": "somewhere.else"}, steps=steps)
    story = tell(updating(crm, comment_on=["start"], update_on=[], endpoints=endpoints))
    story.answered()
    assert conversation(crm) == [{"on": "none"}]


def test_what_exists_already_tells_its_steps_what_they_need(crm: FaultyCrm, tell: Tell) -> None:
    crm.honours_keys = False
    endpoints = in_two(crm, duplicate={})
    story = tell(updating(crm, comment_on=["start"], update_on=[], endpoints=endpoints))

    def taken(asked: Asked) -> tuple[int, Any]:
        crm.create("comments", asked.json, "")
        return 409, {"error": "there"}

    crm.acts["POST /comments"] = taken
    session_id = story.answered()
    assert [sent["messages"] for sent in conversation(crm)] == [[1]]
    assert story.states(session_id)["comment:start"] == "done"


def test_an_account_that_was_found_after_a_lost_answer_tells_its_steps(crm: FaultyCrm, tell: Tell) -> None:
    parameters = [{"name": "on", "value": "{SAVED.number}"}]
    create = {
        "url": f"{crm.url}/accounts",
        "parameters": [{"name": "phone", "value": "{PHONE_NUMBER}"}],
        "marker": "external_id",
        "save": {"number": "id"},
        "steps": [{"url": f"{crm.url}/comments", "parameters": parameters}],
    }
    story = quiet(tell, crm, create_account=create)
    crm.fail("reset_after_commit")
    session_id = story.start()
    story.run(session_id, for_s=FOUND_S)
    assert (len(crm.rows["accounts"]), crm.rows["comments"]) == (1, [{"id": 1, "on": 1}])
    assert story.ids(session_id) == (1, 1)
