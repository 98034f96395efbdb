import pytest

from crm_shell.starter_crm import phones


@pytest.mark.parametrize(
    ("stored", "searched"),
    [
        ("+12223334444", "+12223334444"),
        ("+12223334444", "+1 222 333 4444"),
        ("+12223334444", "*222*333*4444"),
        ("+12223334444", "(222) 333-4444"),
        ("2223334444", "+12223334444"),
        ("+12223334444", "3334444"),
        ("+442079460958", "020 7946 0958"),
        ("007", "7"),
    ],
)
def test_numbers_agree_whatever_their_form(stored: str, searched: str) -> None:
    assert phones.agree(stored, searched)


@pytest.mark.parametrize(
    ("stored", "searched"),
    [("+12223334444", "+12223334445"), ("+12223334444", "334444"), ("", ""), ("12", "2"), ("+1222", "anonymous")],
)
def test_other_numbers_do_not_agree(stored: str, searched: str) -> None:
    assert not phones.agree(stored, searched)
