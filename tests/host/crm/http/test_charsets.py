"""Answers in different character sets: as bytes, and from a CRM on loopback."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.crm.http import charsets
from host.crm.response import json_path
from tests.host.crm.crm_settings import crm_settings
from tests.host.crm.facts import answer
from tests.host.crm.faulty_crm import FaultyCrm, Plain
from tests.host.crm.story import Tell

JOSE = {"name": "José Müller €"}
IVAN = {"name": "Иван Петров"}
YUKI = {"name": "山田 雪"}
BOND = {"name": "James Bond"}


def written(value: Any, charset: str) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode(charset)


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (written(JOSE, "utf-8"), "application/json", JOSE),
        (written(JOSE, "utf-8"), "application/json; charset=utf-8", JOSE),
        (written(JOSE, "utf-8"), 'application/json;Charset="UTF-8"', JOSE),
        (written(JOSE, "utf-8-sig"), "application/json; charset=utf-8", JOSE),
        (written(JOSE, "cp1252"), "application/json; charset=iso-8859-1", JOSE),
        (written(JOSE, "cp1252"), "application/json; charset=windows-1252", JOSE),
        (written({"name": "José"}, "latin-1"), "application/json; charset=ISO-8859-1", {"name": "José"}),
        (written({"name": "José"}, "latin-1"), "application/json; charset=latin1", {"name": "José"}),
        (written({"name": "José €"}, "iso-8859-15"), "application/json; charset=ISO-8859-15", {"name": "José €"}),
        (written(IVAN, "cp1251"), "application/json; charset=windows-1251", IVAN),
        (written(IVAN, "koi8-r"), "text/html; charset=KOI8-R", IVAN),
        (written(YUKI, "shift_jis"), "application/json; charset=Shift_JIS", YUKI),
        (written(YUKI, "gb18030"), "application/json; charset=gb2312", YUKI),
        (written(YUKI, "utf-16"), "application/json", YUKI),
        (written(YUKI, "utf-16"), "application/json; charset=utf-16", YUKI),
        (b"\xfe\xff" + written(YUKI, "utf-16-be"), "application/json; charset=utf-8", YUKI),
        (written(YUKI, "utf-16-le"), "application/json; charset=utf-16le", YUKI),
        (written(YUKI, "utf-16-be"), "application/json", YUKI),
        (written(YUKI, "utf-32"), "application/json", YUKI),
        (written(YUKI, "utf-8"), "application/json; charset=utf8mb4", YUKI),
        (written(YUKI, "utf-8"), "application/json; charset=none", YUKI),
        (written(YUKI, "utf-8"), "application/json; charset=", YUKI),
        (written(YUKI, "utf-8"), "application/json; charset=us-ascii", YUKI),
        (written(BOND, "utf-8"), "application/json; charset=utf-16", BOND),
        (written(BOND, "utf-8"), "application/json; charset=base64", BOND),
        (written(BOND, "utf-8"), "application/json; charset=unicode_escape", BOND),
        (written(BOND, "utf-8"), "application/json; charset=utf-7", BOND),
        (written(BOND, "utf-8"), "application/json; charset=a\0b", BOND),
        (b'{"name": "Jos\xe9"}', "application/json", {"name": "Jos\ufffd"}),
        (b'{"name": "Jos\xe9"}', "application/json; charset=utf-8", {"name": "Jos\ufffd"}),
        (b"\xef\xbb\xbf", "application/json", None),
    ],
)
def test_reads_answers_in_any_character_set(body: bytes, content_type: str, expected: Any) -> None:
    assert json_path.json_of("find", answer(body, headers={"Content-Type": content_type})) == expected


@given(st.binary(max_size=40), st.text(max_size=20))
def test_any_bytes_stand_for_some_text(body: bytes, content_type: str) -> None:
    assert all(isinstance(text, str) for text in charsets.readings(body, content_type))


@pytest.mark.parametrize(
    ("charset", "label", "name"),
    [
        ("cp1252", "iso-8859-1", "José Müller"),
        ("cp1251", "windows-1251", "Иван Петров"),
        ("utf-16", "utf-16", "山田 雪"),
        ("utf-8-sig", "utf-8", "山田 雪"),
        ("utf-8", "x-unknown", "山田 雪"),
    ],
)
def test_an_account_is_found_whatever_the_character_set(
    crm: FaultyCrm, tell: Tell, charset: str, label: str, name: str
) -> None:
    rows = {
        "items": [{"id": 9, "phone": "+12223334444", "name": name}, {"id": 8, "phone": "+12223334444", "name": "Ann"}]
    }
    crm.answers["/people"] = Plain(written(rows, charset), {"Content_Type": f"application/json; charset={label}"})
    find = {
        "url": f"{crm.url}/people",
        "parameters": [{"name": "phone", "value": "{PHONE_NUMBER}"}],
        "response_location": "items",
        "save": {"name": "name"},
    }
    record = {"url": f"{crm.url}/records", "parameters": [{"name": "title", "value": "Call of {SAVED.name}"}]}
    endpoints = {"find_account_by_query": find, "create_record": record}
    story = tell(crm_settings(crm, marker=False, endpoints=endpoints))
    session_id = story.start()
    story.run(session_id)
    assert crm.rows["records"][0]["title"] == f"Call of {name}"


def test_what_a_refusal_says_is_readable_in_the_trace() -> None:
    body, kind = "Поле занято".encode("cp1251"), "text/plain; charset=windows-1251"
    assert charsets.text_of(body, kind) == "Поле занято"
