"""Which new passwords are taken."""

import pytest

from host.users.common_passwords import COMMON
from host.users.password_rules import LEAST_LENGTH, weakness

EMAIL = "james.bond@example.com"
SHORT = "characters; allowed: 12 or more"
GUESSED = "easily guessed"


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("x", SHORT),
        ("violetkettl", SHORT),
        ("\U0001f511" * 3, SHORT),
        ("Password1234", GUESSED),
        ("Password123!", GUESSED),
        ("P@ssw0rd1234", GUESSED),
        ("2026-Welcome", GUESSED),
        ("!!!summer2026!!!", GUESSED),
        ("p.a.s.s.w.o.r.d", GUESSED),
        ("aaaaaaaaaaaa", GUESSED),
        ("abcdabcdabcd", GUESSED),
        ("123123123123", GUESSED),
        ("123456789012", GUESSED),
        ("987654321098", GUESSED),
        ("abcdefghijkl", GUESSED),
        ("QwertyUiopAs", GUESSED),
        ("1qaz2wsx3edc", GUESSED),
        ("ManchesterUnited", GUESSED),
        ("James.Bond@example.com", GUESSED),
        ("            ", GUESSED),
    ],
)
def test_short_and_common_ones_are_refused(password: str, problem: str) -> None:
    found = weakness(password, EMAIL)
    assert found is not None
    assert problem in found
    assert password not in found or password == "x"


@pytest.mark.parametrize(
    "password",
    [
        "violet kettle",
        "correct horse battery",
        "agent-pass-of-mine",
        "8374-2938-1029",
        "пароль-длинный",
        "päßwörter für alle",
    ],
)
def test_others_are_taken(password: str) -> None:
    assert weakness(password, EMAIL) is None


def test_the_list_holds_what_is_long_enough_to_matter() -> None:
    assert {word for word in COMMON if len(word) < LEAST_LENGTH or word != word.lower()} == set()
