"""Comments, updates and uploads of complete sessions, also when the CRM fails."""

from typing import Any

import pytest

from host.errors import NotAllowedError
from tests.host.crm.crm_settings import PATIENT_S, crm_settings, updating
from tests.host.crm.facts import HOSTILE_NAME
from tests.host.crm.faulty_crm import Asked, FaultyCrm
from tests.host.crm.late_commits import FAULTS, SETTLED_S, comments, let_late_commits_happen
from tests.host.crm.story import Tell


def patches(crm: FaultyCrm) -> list[Asked]:
    return [asked for asked in crm.asked if asked.method == "PATCH"]


def test_a_chat_leaves_comments_and_updates_in_order(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    session_id = story.answered(custom_data={"size": {"label": "Size", "value": "XL", "type": "string"}})
    story.end(session_id)
    titles = [body.splitlines()[0] for body in comments(crm)]
    assert titles == ["Chat started", "Custom data", "Chat ended"]
    assert [asked.json["event"] for asked in patches(crm)] == ["connected", "end"]
    assert {row["record"] for row in crm.rows["comments"]} == {1}
    writes = [asked.headers["Idempotency-Key"] for asked in crm.asked if asked.method in {"POST", "PATCH"}]
    assert len(set(writes)) == len(writes) == 7


def test_what_came_before_the_record_waits_for_it_and_tells_how_it_was(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    crm.fail("503", "503", method="GET")
    session_id = story.start()
    story.run(session_id)
    story.answer(session_id)
    story.chats.end(session_id, by="agent", agent_id=story.james)
    assert not crm.rows["comments"]
    story.run(session_id, for_s=60)
    assert [body.splitlines()[0] for body in comments(crm)] == ["Chat started", "Chat ended"]
    assert "Agent" not in comments(crm)[0]
    assert "Agent: agent@example.com" in comments(crm)[1]
    assert [(asked.json["event"], asked.json["status"]) for asked in patches(crm)] == [
        ("connected", "ongoing"),
        ("end", "finished"),
    ]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_comment_is_there_once_whatever_the_crm_does(crm: FaultyCrm, tell: Tell, fault: str) -> None:
    crm.honours_keys = False
    story = tell(updating(crm, update_on=[]))
    session_id = story.answered()
    crm.fail(fault)
    story.end(session_id)
    let_late_commits_happen(crm, fault)
    story.run(session_id, for_s=SETTLED_S)
    assert [body.splitlines()[0] for body in comments(crm)] == ["Chat started", "Chat ended"]


def test_an_update_that_nobody_knows_of_is_sent_again(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm, comment_on=[]))
    session_id = story.start()
    story.run(session_id)
    crm.fail("commit_then_hang", method="PATCH")
    story.answer(session_id)
    story.run(session_id, for_s=SETTLED_S)
    assert [asked.json["event"] for asked in patches(crm)] == ["connected", "connected"]
    assert story.states(session_id)["update:connected"] == "done"


def test_without_anything_to_search_by_a_person_decides(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm, marker=False, update_on=[]))
    session_id = story.answered()
    crm.fail("commit_then_hang")
    story.upload(session_id)
    story.run(session_id, for_s=SETTLED_S)
    upload = "photos:photo.png"
    [event] = [event for event in story.card(session_id).events if event.step == "upload"]
    assert (event.step, event.occurrence, event.state) == ("upload", upload, "waiting")
    assert (event.can_look_up_again, event.can_send_again) == (True, True)
    story.decisions.it_exists(session_id, story.james, "upload", upload, None)
    assert story.states(session_id)["upload:photos:photo.png"] == "done"
    assert len(crm.rows["files"]) == 1


def test_a_person_may_have_it_sent_again(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm, marker=False, update_on=[]))
    crm.fail("", "", "hang")
    session_id = story.answered()
    story.run(session_id, for_s=SETTLED_S)
    assert story.states(session_id)["comment:start"] == "waiting"
    story.decisions.send_again(session_id, story.james, "comment", "start")
    story.run(session_id)
    assert len(crm.rows["comments"]) == 1
    assert len({asked.headers["Idempotency-Key"] for asked in crm.asked if asked.path == "/comments"}) == 1


def test_with_resend_it_is_sent_again_by_itself(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm, marker=False, update_on=[], on_unknown="resend"))
    crm.fail("", "", "hang")
    session_id = story.answered()
    story.run(session_id, for_s=SETTLED_S)
    assert len(crm.rows["comments"]) == 1


def test_a_refused_comment_holds_up_nothing(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    crm.fail("", "", "422")
    session_id = story.answered()
    assert story.states(session_id)["comment:start"] == "failed"
    assert [asked.json["event"] for asked in patches(crm)] == ["connected"]
    assert "The CRM refused (add_comment, answered 422)" in story.card(session_id).events[0].words
    story.decisions.look_up_again(session_id, story.james, "comment", "start")
    story.run(session_id)
    assert len(crm.rows["comments"]) == 1


def commenting(crm: FaultyCrm, **keys: Any) -> dict[str, Any]:
    """An endpoint for comments, without a search."""
    parameters = [{"name": "body", "value": "{COMMENT_BODY}"}]
    return {"add_comment": {"url": f"{crm.url}/comments", "parameters": parameters, **keys}}


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, "failed"),
        ({"duplicate": {}}, "done"),
        ({"duplicate": {"statuses": [422]}}, "failed"),
        ({"duplicate": {"statuses": [422], "when": [{"location": "error", "equals": "there"}]}}, "done"),
        ({"duplicate": {"statuses": [], "when": [{"location": "error", "equals": "elsewhere"}]}}, "failed"),
    ],
)
def test_a_conflict_is_done_only_where_the_settings_say_so(
    crm: FaultyCrm, tell: Tell, keys: dict[str, Any], expected: str
) -> None:
    story = tell(updating(crm, timeout_s=PATIENT_S, update_on=[], endpoints=commenting(crm, **keys)))
    crm.fail("", "", "409")
    session_id = story.answered()
    assert story.states(session_id)["comment:start"] == expected
    if expected == "failed":
        story.decisions.look_up_again(session_id, story.james, "comment", "start")
        story.run(session_id)
        assert len(crm.rows["comments"]) == 1


def test_a_duplicate_inside_a_200_is_done(crm: FaultyCrm, tell: Tell) -> None:
    crm.answers["/comments"] = {"code": "DUPLICATE_DATA", "id": 7}
    when = {"when": [{"location": "code", "equals": "DUPLICATE_DATA"}]}
    story = tell(
        updating(crm, timeout_s=PATIENT_S, update_on=[], endpoints=commenting(crm, duplicate=when, save={"note": "id"}))
    )
    session_id = story.answered()
    assert "add_comment: answered 200: exists already" in story.decisions_of(session_id)


@pytest.mark.parametrize("step", ["comment", "upload"])
def test_a_conflict_after_a_send_of_unknown_outcome_is_done(crm: FaultyCrm, tell: Tell, step: str) -> None:
    story = tell(updating(crm, marker=False, comment_on=["start"], update_on=[], on_unknown="resend"))
    crm.fail("", "", *(["commit_then_hang", "409"] if step == "comment" else ["", "commit_then_hang", "409"]))
    session_id = story.answered()
    story.upload(session_id)
    story.run(session_id, for_s=SETTLED_S)
    assert {"failed", "waiting"}.isdisjoint(story.states(session_id).values())
    assert (len(crm.rows["comments"]), len(crm.rows["files"])) == (2, 1)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize(
    ("idempotent", "expected"), [(None, ("waiting", 1)), (False, ("waiting", 1)), (True, ("done", 2))]
)
def test_a_comment_of_unknown_outcome_is_sent_once_unless_its_endpoint_is_idempotent(
    crm: FaultyCrm, tell: Tell, method: str, idempotent: bool | None, expected: tuple[str, int]
) -> None:
    keys = {} if idempotent is None else {"idempotent": idempotent}
    crm.acts[f"{method} /notes"] = lambda asked: (200, crm.create("comments", asked.json, ""))
    endpoints = commenting(crm, url=f"{crm.url}/notes", method=method, **keys)
    story = tell(updating(crm, comment_on=["start"], update_on=[], endpoints=endpoints))
    session_id = story.start()
    crm.fail(*(["", ""] if method == "POST" else []), "commit_then_hang", method=method)
    story.run(session_id, for_s=SETTLED_S)
    assert (story.states(session_id)["comment:start"], len(crm.rows["comments"])) == expected


@pytest.mark.parametrize(
    ("method", "idempotent", "expected"),
    [
        ("PUT", None, "done"),
        ("PATCH", None, "done"),
        ("POST", None, "waiting"),
        ("PATCH", False, "waiting"),
        ("POST", True, "done"),
    ],
)
def test_an_update_of_unknown_outcome_is_repeated_where_that_leaves_the_same(
    crm: FaultyCrm, tell: Tell, method: str, idempotent: bool | None, expected: str
) -> None:
    keys = {} if idempotent is None else {"idempotent": idempotent}
    crm.acts[f"{method} /records/1"] = lambda asked: (200, {"id": 1})
    parameters = [{"name": "event", "value": "{EVENT}"}]
    update = {"url": f"{crm.url}/records/1", "method": method, "parameters": parameters, **keys}
    story = tell(updating(crm, comment_on=[], update_on=["connected"], endpoints={"update_record": update}))
    session_id = story.start()
    story.run(session_id)
    crm.fail("commit_then_hang", method=method)
    story.answer(session_id)
    story.run(session_id, for_s=SETTLED_S)
    assert story.states(session_id)["update:connected"] == expected


@pytest.mark.parametrize("duplicate", [None, {}])
def test_an_account_that_exists_already_is_looked_for(
    crm: FaultyCrm, tell: Tell, duplicate: dict[str, Any] | None
) -> None:
    create = {"url": f"{crm.url}/accounts", "parameters": [{"name": "phone", "value": "{PHONE_NUMBER}"}]}
    endpoints = {"create_account": {**create, **({} if duplicate is None else {"duplicate": duplicate})}}
    story = tell(crm_settings(crm, timeout_s=PATIENT_S, marker=False, endpoints=endpoints))

    def taken(asked: Asked) -> tuple[int, Any]:
        crm.create("accounts", asked.json, "")
        return 409, {"error": "there"}

    crm.acts["POST /accounts"] = taken
    session_id = story.start()
    story.run(session_id)
    assert story.ids(session_id) == (1, 1)


def test_an_update_that_conflicts_is_refused(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm, comment_on=[]))
    crm.fail("409", method="PATCH")
    assert story.states(story.answered())["update:connected"] == "failed"


def test_without_a_record_nothing_is_said(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm, skip_record_creation=True))
    session_id = story.answered()
    assert "add_comment: not sent: the session has no record" in story.decisions_of(session_id)
    story.upload(session_id)
    assert story.states(session_id)["upload:photos:photo.png"] == "done"
    assert not crm.rows["comments"]


def test_a_record_that_is_used_again_is_updated(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm, reuse_records="account", comment_on=[], update_on=[]))
    for _ in range(2):
        session_id = story.start()
        story.run(session_id)
    assert len(crm.rows["records"]) == 1
    assert [asked.json["event"] for asked in patches(crm)] == ["found"]


@pytest.mark.parametrize(
    ("text_format", "expected"),
    [
        ("plain", "Name: " + HOSTILE_NAME),
        ("html", "<li>Name: O&#x27;Brien &quot;}` {ACCOUNT_ID}</li>"),
        ("markdown", r"""- Name: O'Brien "\}\` \{ACCOUNT\_ID\}"""),
    ],
)
def test_a_hostile_name_is_text_in_every_format(crm: FaultyCrm, tell: Tell, text_format: str, expected: str) -> None:
    settings = updating(crm)
    comment = settings.endpoints.add_comment
    assert comment
    endpoints = settings.endpoints.model_copy(
        update={"add_comment": comment.model_copy(update={"text_format": text_format})}
    )
    story = tell(settings.model_copy(update={"endpoints": endpoints}))
    story.answered({"name": HOSTILE_NAME, "phone": "+12223334444"})
    assert expected in comments(crm)[0]


def test_intents_keep_no_personal_data(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    session_id = story.answered()
    story.end(session_id)
    dump = story.dump()
    assert not any(word in dump for word in ("Bond", "2223334444", "agents.co"))


@pytest.mark.parametrize("act", ["look_up_again", "choose", "it_exists", "send_again"])
def test_another_agent_decides_nothing(crm: FaultyCrm, tell: Tell, act: str) -> None:
    story = tell(updating(crm))
    session_id = story.answered()
    more = {"look_up_again": (), "choose": (1,), "it_exists": ("", 1), "send_again": ("",)}[act]
    with pytest.raises(NotAllowedError):
        getattr(story.decisions, act)(session_id, story.world.eve, "account", *more)
