from typing import Any

import pytest

from host.crm.exchange.if_match import version_of, version_request, with_version
from host.crm.request.build import render
from host.crm.request.request import JsonBody, Request
from tests.host.crm.facts import answer, endpoint, variables

URL = "https://crm.example/records/{RECORD_ID}"


@pytest.mark.parametrize(
    ("if_match", "given", "headers", "body"),
    [
        ({"url": URL}, answer({}, headers={"ETag": 'W/"1"'}), {"If-Match": 'W/"1"'}, {"s": 1}),
        ({"url": URL, "location": r"@odata\.etag"}, answer({"@odata.etag": "2"}), {"If-Match": "2"}, {"s": 1}),
        ({"url": URL, "location": "v", "send": "@etag"}, answer({"v": 3}), {}, {"s": 1, "@etag": 3}),
        ({"url": URL, "location": "v"}, answer({}), {}, {"s": 1}),
    ],
)
def test_reads_a_version_and_sends_it_along(if_match: Any, given: Any, headers: Any, body: Any) -> None:
    update = endpoint(URL, method="PATCH", if_match=if_match, parameters={"s": 1})
    known = variables(record_id=5)
    asked = version_request(update, known)
    assert isinstance(asked, Request)
    assert (asked.method, asked.url) == ("GET", "https://crm.example/records/5")
    request = render(update, known)
    assert isinstance(request, Request)
    sent = with_version(request, version_of(update, given))
    assert (sent.headers, sent.body) == (headers, JsonBody(body))


def test_most_endpoints_have_none() -> None:
    assert version_request(endpoint(), variables()) is None
