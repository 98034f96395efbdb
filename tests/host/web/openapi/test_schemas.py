"""`/schemas/session-metadata.json`: what the platform API shows fits it."""

import jsonschema_rs
import pytest

from tests.host.web.api.conftest import Gateway


@pytest.fixture
def schema(gateway: Gateway) -> jsonschema_rs.Draft202012Validator:
    answer = gateway.client.get("/schemas/session-metadata.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/schema+json")
    return jsonschema_rs.Draft202012Validator(answer.get_json(), validate_formats=True)


@pytest.mark.parametrize("channel", ["call", "chat"])
def test_a_session_of_the_api_fits_the_schema(
    gateway: Gateway, schema: jsonschema_rs.Draft202012Validator, channel: str
) -> None:
    shape = gateway.start(f"/{channel}s", queue="Developers / James")
    gateway.post(f"/{channel}s/{shape['id']}/end")
    shown = gateway.get(f"/{channel}s/{shape['id']}").json
    assert [error.message for error in schema.iter_errors(shown)] == []


def test_a_gateway_says_why_a_call_failed_in_its_own_words(
    gateway: Gateway, schema: jsonschema_rs.Draft202012Validator
) -> None:
    call = gateway.start("/calls", queue="Developers / James")["id"]
    given = {"by": "system", "fail_reason": "eu_busy", "fail_details": "486 Busy here"}
    ended = gateway.post(f"/calls/{call}/end", given).json
    assert (ended["fail_reason"], ended["fail_details"]) == ("eu_busy", "486 Busy here")
    assert schema.is_valid(ended)
    refused = gateway.post(f"/calls/{gateway.start('/calls')['id']}/end", {"fail_details": "two\nlines"})
    assert (refused.status_code, list(refused.json["fields"])) == (422, ["fail_details"])
