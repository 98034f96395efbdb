from typing import Any

from host.crm.settings.auth import OAuth2Auth
from host.crm.settings.crm import CrmSettings, EndpointName
from host.crm.settings.endpoint import Endpoint

FIND: dict[str, Any] = {
    "url": "https://crm.example/accounts",
    "parameters": [{"name": "phone", "value": "{PHONE_NUMBER}"}],
}


def endpoint(crm: dict[str, Any], name: EndpointName = "find_account_by_query") -> Endpoint:
    found = CrmSettings.model_validate(crm).endpoint(name)
    assert found is not None
    return found


def test_an_endpoint_that_isnt_set_is_none() -> None:
    assert CrmSettings().endpoint("create_account") is None


def test_an_endpoint_takes_over_the_crms_keys() -> None:
    crm = {"timeout_s": 7, "settle_s": 60, "on_unknown": "resend", "idempotency_header": "X-Once"}
    found = endpoint({**crm, "phone_format": "us_local", "endpoints": {"find_account_by_query": FIND}})
    assert (found.timeout_s, found.settle_s, found.on_unknown) == (7, 60, "resend")
    assert (found.idempotency_header, found.phone_format) == ("X-Once", "us_local")


def test_an_endpoints_own_key_wins() -> None:
    own = {**FIND, "timeout_s": 2.5, "on_unknown": "ask"}
    found = endpoint({"timeout_s": 7, "on_unknown": "resend", "endpoints": {"find_account_by_query": own}})
    assert (found.timeout_s, found.on_unknown) == (2.5, "ask")


def test_an_alternative_takes_over_what_it_doesnt_say() -> None:
    alternative = {"parameters": [{"name": "mobile", "value": "{PHONE_NUMBER}"}], "timeout_s": 1}
    own = {**FIND, "response_location": "items", "verify_match": False, "alternatives": [alternative, {}]}
    first, second = endpoint({"timeout_s": 7, "endpoints": {"find_account_by_query": own}}).alternatives
    assert (first.url, first.response_location, first.verify_match, first.timeout_s) == (FIND["url"], "items", False, 1)
    assert [parameter.name for parameter in (*first.parameters, *second.parameters)] == ["mobile", "phone"]
    assert second.timeout_s == 7


def test_a_marker_goes_with_the_parameters_that_it_names() -> None:
    own = {**FIND, "marker": "external_id", "alternatives": [{"parameters": []}, {"timeout_s": 1}]}
    replaced, kept = endpoint({"endpoints": {"find_account_by_query": own}}).alternatives
    assert (replaced.marker, kept.marker) == (None, "external_id")


def test_a_step_takes_over_only_how_requests_are_made() -> None:
    own = {**FIND, "timeout_s": 3, "steps": [{"url": "https://crm.example/link"}]}
    (step,) = endpoint({"endpoints": {"create_account": own}}, "create_account").steps
    assert (step.method, step.parameters, step.timeout_s) == ("POST", (), 3)


def test_a_method_that_isnt_given_fits_the_endpoint() -> None:
    url = {"url": "https://crm.example/x"}
    names: tuple[EndpointName, ...] = ("find_account_by_query", "create_record", "update_record", "add_comment")
    crm = {"endpoints": dict.fromkeys(names, url)}
    assert [endpoint(crm, name).method for name in names] == ["GET", "POST", "PUT", "POST"]


def test_the_type_of_an_upload_is_short_for_its_body() -> None:
    url = {"url": "https://crm.example/x"}
    multipart = {"endpoints": {"upload_file": {**url, "type": "multipart"}}}
    base64 = {"endpoints": {"upload_file": {**url, "type": "base64"}}}
    assert endpoint(multipart, "upload_file").body == "multipart"
    assert endpoint(base64, "upload_file").body == "json"


def test_a_condition_knows_its_operator() -> None:
    rows = [{"location": "status", "not_in": ["closed", "{STATUS}"]}, {"location": "id", "equals": None}]
    first, second = endpoint({"endpoints": {"find_account_by_query": {**FIND, "rows": rows}}}).rows
    assert (first.operator, first.operand) == ("not_in", ("closed", "{STATUS}"))
    assert (second.operator, second.operand) == ("equals", None)


def test_values_keep_their_type() -> None:
    values = [1, 1.5, True, None, "1"]
    parameters = [{"name": "a", "value": value} for value in values]
    found = endpoint({"endpoints": {"create_account": {**FIND, "parameters": parameters}}}, "create_account")
    assert [(type(each.value), each.value) for each in found.parameters] == [(type(value), value) for value in values]


def test_secrets_dont_show() -> None:
    auth = {"method": "oauth2", "token_url": "https://id.example/t", "client_id": "me", "client_secret": "hunter2"}
    crm = CrmSettings.model_validate({"auth": {**auth, "grant": "client_credentials"}})
    assert isinstance(crm.auth, OAuth2Auth)
    assert crm.auth.pkce
    assert "hunter2" not in repr(crm) + crm.model_dump_json() + str(crm.model_dump(mode="json"))
