from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from host.errors import FieldsError
from host.sessions import custom_data

NOW = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
SECRET = "the-company-secret-of-these-tests-is-long"


def read(unsigned: object = None, signed: str | None = None) -> dict[str, dict[str, Any]]:
    return custom_data.read(unsigned, signed, secret=SECRET, now=NOW)


def signed(claims: dict[str, Any], *, secret: str = SECRET, algorithm: str = "HS256") -> str:
    claims = {"exp": int((NOW + timedelta(minutes=5)).timestamp()), **claims}
    return jwt.encode({"alg": algorithm}, claims, OctKey.import_key(secret), algorithms=["HS256", "HS384", "HS512"])


def test_reads_entries_and_plain_values_in_their_order() -> None:
    text = '{"order": {"label": "Order", "value": 12, "type": "number"}, "vip": true, "note": null}'
    assert read(text) == {
        "order": {"label": "Order", "value": 12, "type": "number"},
        "vip": {"label": "vip", "value": True},
        "note": {"label": "note", "value": None},
    }


@pytest.mark.parametrize("nothing", [None, "", "  ", "{}", {}])
def test_nothing_given_is_nothing(nothing: object) -> None:
    assert read(nothing) == {}


@pytest.mark.parametrize("algorithm", ["HS256", "HS384"])
def test_signed_entries_come_first_and_win(algorithm: str) -> None:
    token = signed({"custom_data": {"plan": "gold"}}, algorithm=algorithm)
    found = read({"order": 12, "plan": "forged"}, token)
    assert list(found) == ["plan", "order"]
    assert found["plan"]["value"] == "gold"


@pytest.mark.parametrize(
    ("token", "says"),
    [
        (signed({"custom_data": {}}, secret="another-secret-that-is-long-enough-too"), "bad signature"),
        (signed({"custom_data": {}, "exp": 1}), "expired token"),
        (signed({"custom_data": {}}, algorithm="HS512"), "sign it with the company secret"),
        ("not.a.token", "cannot be trusted"),
        ("eyJhbGciOiJub25lIn0.e30.", "cannot be trusted"),
    ],
)
def test_trusts_no_other_token(token: str, says: str) -> None:
    with pytest.raises(FieldsError) as caught:
        read(None, token)
    assert says in caught.value.fields["custom_data_jwt"]


def test_a_token_has_to_expire() -> None:
    token = jwt.encode({"alg": "HS256"}, {"custom_data": {}}, OctKey.import_key(SECRET))
    with pytest.raises(FieldsError, match="custom_data_jwt"):
        read(None, token)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("{", "custom_data"),
        ("[]", "custom_data"),
        ("null", "custom_data"),
        ('{"a": NaN}', "custom_data"),
        ('{"a": [1]}', "custom_data.a"),
        ('{"a": {"label": "A"}}', "custom_data.a"),
        ('{"a": {"value": {}}}', "custom_data.a"),
        ('{"a": {"value": 1, "label": 2}}', "custom_data.a"),
        ('{"a": {"value": 1, "type": "colour"}}', "custom_data.a"),
        ('{"a": {"value": 1, "type": []}}', "custom_data.a"),
        ('{"a": {"value": 1, "invisible_to_agent": "yes"}}', "custom_data.a"),
        ('{"a": {"value": 1, "colour": "red"}}', "custom_data.a"),
        ("[" * 5000, "custom_data"),
    ],
)
def test_refuses_what_is_no_custom_data(text: str, field: str) -> None:
    with pytest.raises(FieldsError) as caught:
        read(text)
    assert list(caught.value.fields) == [field]


def test_takes_16_kib_together_and_no_more() -> None:
    assert read({"a": "x" * (custom_data.MAX_BYTES - 20)})
    with pytest.raises(FieldsError, match="16384"):
        read({"a": "é" * (custom_data.MAX_BYTES // 2)})


@given(st.text() | st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner)))
def test_whatever_comes_is_read_or_refused_by_name(unsigned: object) -> None:
    problems: dict[str, str] = {}
    entries: dict[str, dict[str, Any]] = {}
    try:
        entries = read(unsigned)
    except FieldsError as error:
        problems = dict(error.fields)
    assert all(name.startswith("custom_data") for name in problems)
    assert all("value" in entry for entry in entries.values())
