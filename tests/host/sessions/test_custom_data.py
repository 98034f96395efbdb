from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from host.errors import FieldsError
from host.sessions import custom_data
from host.sessions.custom_data import CustomData, Signer

NOW = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
SECRET = "the-company-secret-of-these-tests-is-long"
HERE = "https://patchbay.example"


def read(unsigned: object = None, signed: str | None = None) -> dict[str, dict[str, Any]]:
    return read_all(unsigned, signed).entries


def read_all(unsigned: object = None, signed: str | None = None, secret: str = SECRET) -> CustomData:
    return custom_data.read(unsigned, signed, signer=Signer(secret, HERE), now=NOW)


def refusal(token: str, secret: str = SECRET) -> str:
    with pytest.raises(FieldsError) as caught:
        read_all(None, token, secret)
    assert list(caught.value.fields) == ["custom_data_jwt"]
    return caught.value.fields["custom_data_jwt"]


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
        (signed({"custom_data": {}}, algorithm="HS512"), "sign it with company_secret_jwt"),
        ("not.a.token", "cannot be trusted"),
        ("eyJhbGciOiJub25lIn0.e30.", "cannot be trusted"),
        ("W1tb" * 1000 + ".e30.AAAA", "its header is longer than 500 characters"),
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
        ('{"a": NaN}', "custom_data.a"),
        (r'{"a": "\ud800"}', "custom_data.a"),
        (r'{"a": {"value": "x\u0000"}}', "custom_data.a.value"),
        (r'{"a": {"label": "\u001b", "value": 1}}', "custom_data.a.label"),
        (r'{"\ud800": 1}', "custom_data"),
        ('{"a": 1, "a": 2}', "custom_data"),
        ('{"a": 123456789012345678901234567890}', "custom_data.a"),
        ('{"a": 1e999}', "custom_data.a"),
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


@pytest.mark.slow
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


@pytest.mark.parametrize("exp", ["soon", None, True, 1e309, float("nan"), [], {}, pytest.param(10**400, id="huge"), -1])
def test_a_token_that_never_ends_is_not_trusted(exp: object) -> None:
    claims = {"custom_data": {}, "exp": exp}
    refusal(jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET)))


@pytest.mark.parametrize("size", [0, 1, 15])
def test_a_secret_that_can_be_guessed_signs_nothing(size: int) -> None:
    secret = "s" * size
    token = signed({"custom_data": {}})
    assert "set company_secret_jwt, 16 bytes or more" in refusal(token, secret)


def test_sixteen_bytes_are_enough() -> None:
    token = signed({"custom_data": {"plan": "gold"}}, secret="s" * 16)
    assert read_all(None, token, "s" * 16).entries["plan"]["value"] == "gold"


@pytest.mark.parametrize(
    ("audience", "is_for_us"),
    [
        (HERE, True),
        (HERE + "/", True),
        (["https://other.example", HERE], True),
        ("https://other.example", False),
        (HERE + ".evil.example", False),
        (HERE + "/path", False),
        ([], False),
        ("", False),
        (None, False),
        (7, False),
        ({HERE: True}, False),
        ([[HERE]], False),
    ],
)
def test_a_token_for_others_is_not_taken(audience: object, is_for_us: bool) -> None:
    token = signed({"custom_data": {"plan": "gold"}, "aud": audience})
    if is_for_us:
        assert read(None, token)
    else:
        assert f"here it has to name {HERE}" in (said := refusal(token)) or "invalid claim" in said


def test_a_token_with_an_id_is_named_by_its_hash_until_it_expires() -> None:
    found = read_all(None, signed({"custom_data": {}, "jti": "4711"})).token
    assert found is not None
    assert "4711" not in found.id_hash
    assert found.expires_at == NOW + timedelta(minutes=5)
    assert read_all(None, signed({"custom_data": {}})).token is None


def test_the_id_of_a_token_for_ever_is_not_kept_for_ever() -> None:
    found = read_all(None, signed({"custom_data": {}, "jti": "4711", "exp": 10**15})).token
    assert found is not None
    assert found.expires_at == NOW + custom_data.LONGEST


@pytest.mark.parametrize("token_id", [None, 7, True, ["4711"], {}])
def test_an_id_that_is_no_text_is_refused(token_id: object) -> None:
    assert "invalid claim" in refusal(signed({"custom_data": {}, "jti": token_id}))


RESERVED = ("reserved_verified_customer", "reserved_bad_actor", "reserved_repeat_customer", "reserved_of_tomorrow")


@pytest.mark.parametrize("key", RESERVED)
def test_reserved_keys_count_in_the_signed_part_only(key: str) -> None:
    assert read({key: True, "order": 12}).keys() == {"order"}
    assert not read_all({key: True}, signed({"custom_data": {"plan": "gold"}})).is_verified
    both = read_all({key: True}, signed({"custom_data": {key: False}}))
    assert both.entries[key]["value"] is False


@pytest.mark.parametrize(
    ("claim", "is_verified"), [(True, True), ("yes", True), (1, True), (False, False), ("no", False), (None, False)]
)
def test_verified_is_who_the_company_says_so_of(claim: object, is_verified: bool) -> None:
    key = "reserved_verified_customer"
    for entry in (claim, {"label": "Verified", "value": claim}):
        assert read_all({key: True}, signed({"custom_data": {key: entry}})).is_verified is is_verified
    assert not read_all({key: claim}).is_verified
