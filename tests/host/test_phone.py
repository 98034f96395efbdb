import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.phone import PhoneFormat, agree, compare, dialled, for_create, for_search, last_digits, numbers_in, written

NUMBER = "+12223334444"
UK = "+442079460958"


@pytest.mark.parametrize(
    ("fmt", "create", "search"),
    [
        (PhoneFormat.AUTOMATIC, "+1 222 333 4444", "*222*333*4444"),
        (PhoneFormat.E164, "+12223334444", "+12223334444"),
        (PhoneFormat.US_LOCAL, "2223334444", "2223334444"),
        (PhoneFormat.US_LOCAL_STANDARD, "(222) 333-4444", "(222) 333-4444"),
        (PhoneFormat.INTERNATIONAL, "+1 222 333 4444", "+1 222 333 4444"),
    ],
)
def test_writes_the_formats_of_the_reference(fmt: PhoneFormat, create: str, search: str) -> None:
    assert (for_create(NUMBER, fmt), for_search(NUMBER, fmt)) == (create, search)


@pytest.mark.parametrize(
    ("fmt", "create", "search"),
    [
        (PhoneFormat.AUTOMATIC, "+44 20 7946 0958", "*20*7946*0958"),
        (PhoneFormat.E164, UK, UK),
        (PhoneFormat.US_LOCAL, UK, UK),
        (PhoneFormat.US_LOCAL_STANDARD, UK, UK),
        (PhoneFormat.INTERNATIONAL, "+44 20 7946 0958", "+44 20 7946 0958"),
    ],
)
def test_writes_numbers_of_other_countries_as_e164_in_the_us_formats(
    fmt: PhoneFormat, create: str, search: str
) -> None:
    assert (for_create(UK, fmt), for_search(UK, fmt)) == (create, search)


@pytest.mark.parametrize(
    "number", ["2223334444", "12223334444", "(222) 333-4444", "+1 222-333-4444", "tel:+12223334444", "222 333 4444 x12"]
)
def test_reads_numbers_as_people_write_them(number: str) -> None:
    assert for_create(number, PhoneFormat.E164) == NUMBER


def test_asks_for_no_validity() -> None:
    assert for_create("11234567890", PhoneFormat.AUTOMATIC) == "+1 123 456 7890"
    assert for_create("+12345678901", PhoneFormat.E164) == "+12345678901"


@pytest.mark.parametrize("fmt", PhoneFormat)
@pytest.mark.parametrize("number", ["", "anonymous", "911", "+1 22", "00442079460958", "sip:007@host.example", "٠١٢"])
def test_passes_on_what_it_cannot_read(number: str, fmt: PhoneFormat) -> None:
    assert (for_create(number, fmt), for_search(number, fmt)) == (number, number)


def test_keeps_leading_zeros_of_other_countries() -> None:
    assert for_create("+39 06 1234 5678", PhoneFormat.E164) == "+390612345678"


def test_reads_local_numbers_by_the_region() -> None:
    assert for_create("020 7946 0958", PhoneFormat.E164, "GB") == UK


def test_writes_the_last_digits() -> None:
    assert written(NUMBER, "last_digits:7", "US", search=True) == "3334444"
    assert (last_digits("+1 (2)", 7), last_digits("anonymous", 7)) == ("12", "")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (NUMBER, "(222) 333-4444", True),
        (NUMBER, "333-4444", True),
        (NUMBER, "001 222 333 4444", True),
        (UK, "020 7946 0958", True),
        (NUMBER, "+12223334445", False),
        (NUMBER, "4444", False),
        ("4444", "4444", True),  # equal is equal
        ("12", "12", False),
        (NUMBER, "+442223334444", True),  # the rule looks at the ends only
        ("", "", False),
        ("anonymous", "anonymous", False),
    ],
)
def test_compares_numbers_by_their_ends(one: str, other: str, expected: bool) -> None:
    assert agree(one, other) is expected
    assert agree(other, one) is expected


@pytest.mark.parametrize(
    ("number", "region", "writings"),
    [
        (
            NUMBER,
            "US",
            [
                *("2223334444", "12223334444", "+1 222 333 4444", "+1-222-333-4444", "1.222.333.4444"),
                *("(222) 333-4444", "222/333-4444", "222 333 4444", "222\u00a0333\u00a04444", "222\u2013333\u20134444"),
                *("001 222 333 4444", "011 1 222 333 4444", "tel:+12223334444", "+1 (222) 333 4444 ext. 12"),
                *("222-333-4444 x12", "222-333-4444, extension 12", "222-333-4444#7", "333-4444", "*222*333*4444"),
                *("\uff0b\uff11 222 333 4444", "\u0662\u0662\u0662\u0663\u0663\u0663\u0664\u0664\u0664\u0664"),
                *("Mobile: 222 333 4444", "222 333 4444 (home)", "0012223334444", "[222] 333 4444"),
            ],
        ),
        ("+61212345678", "US", ["(02) 1234 5678", "0061 2 1234 5678", "02 1234-5678", "+61 (0)2 1234 5678"]),
        (UK, "US", ["020 7946 0958", "(020) 7946 0958", "0044 20 7946 0958", "+44 (0)20 7946 0958", "7946 0958"]),
        ("+390612345678", "US", ["06 1234 5678", "0039 06 12345678", "+39 06/1234-5678"]),
        ("+74951234567", "US", ["8 (495) 123-45-67", "495 123 45 67"]),
        ("+376312345", "US", ["+376312345", "+376 312 345", "00376 312345", "376312345", "+376 312-345 x2"]),
        ("+376312345", "AD", ["312345", "312 345"]),
        ("+18003569377", "US", ["1-800-FLOWERS", "800 FLOWERS"]),
        ("4444", "US", ["4444", "44 44"]),
    ],
)
def test_knows_a_number_however_people_write_it(number: str, region: str, writings: list[str]) -> None:
    assert [each for each in writings if not agree(number, each, region)] == []
    assert [each for each in writings if not agree(each, number, region)] == []
    assert [each for each in writings if compare(number, each, region) is not True] == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (NUMBER, "+1 999 888 7777", False),
        ("+376312345", "+376312346", False),
        ("+376312345", "312345", None),
        (NUMBER, "4444", None),
        (NUMBER, "911", False),
        ("4444", "+1 999 888 7777", False),
        (NUMBER, "***-***-4444", None),
        (NUMBER, "222-XXX-4444", None),
        (NUMBER, "ask for Bob", None),
        ("anonymous", "anonymous", None),
    ],
)
def test_what_cannot_be_compared_does_not_differ(one: str, other: str, expected: bool | None) -> None:
    assert compare(one, other) is expected
    assert compare(other, one) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("222 333 4444", ["222 333 4444"]),
        ("0221/123456", ["0221/123456"]),
        ("222 333 4444; 222 333 5555 x5", ["222 333 4444", " 222 333 5555"]),
        ("222 333 4444 or 222 333 5555", ["222 333 4444 ", " 222 333 5555"]),
        ("222 333 4444 / Bob", ["222 333 4444 / Bob"]),
    ],
)
def test_a_text_may_hold_several_numbers(text: str, expected: list[str]) -> None:
    assert numbers_in(text) == expected


@given(st.text(max_size=40), st.sampled_from(list(PhoneFormat)), st.sampled_from(["US", "GB", "DE", "ZZ"]))
def test_never_fails_and_loses_no_digit_of_what_it_cannot_read(number: str, fmt: PhoneFormat, region: str) -> None:
    create = for_create(number, fmt, region)
    assert for_search(number, fmt, region) or not number
    assert create == number or re.search(r"\d", create)


@given(st.integers(min_value=1_000_000_000, max_value=9_999_999_999), st.sampled_from(list(PhoneFormat)))
def test_every_writing_of_a_number_agrees_with_it(national: int, fmt: PhoneFormat) -> None:
    number = f"+1{national}"
    assert agree(for_create(number, fmt), number)
    assert agree(for_search(number, fmt), number)
    assert for_create(for_create(number, fmt), PhoneFormat.E164) == number


@pytest.mark.parametrize(
    ("entered", "number"),
    [
        ("(222) 333-4444", "+12223334444"),
        ("+1 222 333 4444", "+12223334444"),
        ("+49 30 901820", "+4930901820"),
        ("2223334444 ext. 12", "+12223334444"),
        ("abc", None),
        ("911", None),
        ("+1 222 333 44445", None),
        ("1" * 300, None),
    ],
)
def test_dials_what_is_a_number(entered: str, number: str | None) -> None:
    assert dialled(entered) == number
