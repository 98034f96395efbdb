import logging

import pytest
from flask.testing import FlaskClient
from gunicorn.http.body import Body, ChunkedReader
from gunicorn.http.unreader import IterUnreader

from host.users.directory import User
from tests.host.web.people import PAGE, csrf_token, sign_in

JSON = {"Accept": "application/json"}
FORM = "application/x-www-form-urlencoded"


def test_a_program_gets_the_json_shape(client: FlaskClient) -> None:
    answer = client.get("/portal/missing", headers=JSON)
    assert answer.status_code == 404
    assert answer.json == {
        "error": "not_found",
        "message": "there is no session 103646",
        "status": 404,
        "retryable": False,
    }


def test_a_person_gets_a_page_that_says_what_to_do(client: FlaskClient) -> None:
    answer = client.get("/portal/missing", headers=PAGE)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    for part in ("What happened", "there is no session 103646", "What it means", "What to do"):
        assert part in answer.text


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/crm/none", PAGE),
        ("/apps/api/v1/none", PAGE),
        ("/manager/api/v1/none", PAGE),
        ("/none", {**PAGE, "X-Requested-With": "XMLHttpRequest"}),
        ("/none", {**PAGE, "X-CSRF-Token": "x"}),
        ("/none", {"Accept": "*/*"}),
        ("/none", {}),
    ],
)
def test_programs_are_known_by_address_or_headers(client: FlaskClient, path: str, headers: dict[str, str]) -> None:
    answer = client.get(path, headers=headers)
    assert answer.json
    assert (answer.json["error"], answer.json["status"]) == ("not_found", 404)


@pytest.mark.parametrize("sent", [b"5\r\nemailXX", b"no size\r\n", b"5\r\nem", b"5\r\nemail\r\n0\r\n"])
def test_a_malformed_or_cut_off_body_is_the_clients_mistake(client: FlaskClient, sent: bytes) -> None:
    body = Body(ChunkedReader(None, IterUnreader([sent])))
    arriving = {"wsgi.input": body, "wsgi.input_terminated": True}
    answer = client.post("/sign-in", content_type=FORM, headers=JSON, environ_overrides=arriving)
    assert answer.json
    assert (answer.status_code, answer.json["error"]) == (400, "bad_request")
    assert "body is cut off or malformed" in answer.json["message"]


def test_a_wrong_method_says_which_are_allowed(client: FlaskClient) -> None:
    answer = client.get("/sign-in", headers=JSON)
    assert answer.json
    assert answer.json["error"] == "method_not_allowed"
    assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


def test_an_unexpected_error_is_logged_without_values(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = client.get("/api/broken?phone=%2B12223334444", headers=JSON)
    assert answer.json
    assert (answer.status_code, answer.json["error"], answer.json["retryable"]) == (500, "internal", False)
    [record] = caplog.records
    text = record.getMessage()
    assert "builtins.RuntimeError" in text
    assert "in broken" in text
    assert text.split()[2] in answer.json["message"]
    for leak in (text, answer.text):
        assert "2223334444" not in leak


def test_an_unexpected_error_has_a_page(client: FlaskClient) -> None:
    page = client.get("/portal/broken", headers=PAGE)
    assert page.status_code == 500
    assert "Something broke on our side" in page.text


def test_signed_out_people_are_led_to_the_form_and_programs_are_told(client: FlaskClient) -> None:
    assert client.get("/portal/guarded?a=1&b=2", headers=PAGE).location == "/?next=/portal/guarded%3Fa%3D1%26b%3D2"
    answer = client.get("/portal/guarded", headers=JSON)
    assert answer.json
    assert (answer.status_code, answer.json["error"]) == (401, "not_signed_in")


def test_the_wrong_role_is_told_which_is_needed(client: FlaskClient, agent: User) -> None:
    sign_in(client)
    page = client.get("/portal/guarded", headers=PAGE)
    assert page.status_code == 403
    assert "admin or supervisor only" in page.text


def test_a_forged_request_is_refused_in_both_shapes(client: FlaskClient, agent: User) -> None:
    sign_in(client)
    assert client.post("/sign-out", headers=PAGE).mimetype == "text/html"
    answer = client.post("/sign-out", headers=JSON)
    assert answer.json
    assert (answer.status_code, answer.json["error"]) == (400, "csrf")
    assert client.post("/sign-out", headers={"X-CSRF-Token": csrf_token(client)}).status_code == 303
