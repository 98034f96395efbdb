"""Rules for new passwords; stored ones stay valid."""

import re
from string import digits, punctuation

from host.users.common_passwords import COMMON, WORDS

LEAST_LENGTH = 12
LONGEST_REPEATED = 4
"""`abcdabcdabcd` is `abcd` three times."""

_ROWS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
)
_LOOKALIKES = str.maketrans("@$01357", "asoiest")
_SIGNS = re.compile(f"[{re.escape(punctuation + digits)} ]+")


def weakness(password: str, email: str) -> str | None:
    """Return what is wrong with a new password, without the password itself; None when it is accepted.

    Args:
        password: As given.
        email: The user's.
    """
    if len(password) < LEAST_LENGTH:
        return f"found {len(password)} characters; allowed: {LEAST_LENGTH} or more"
    if _is_common(password.lower()) or password.lower() == email.strip().lower():
        return f"found one that is easily guessed; allowed: {LEAST_LENGTH} characters or more that nobody else has"
    return None


def _is_common(text: str) -> bool:
    return text in COMMON or _is_a_word_with_signs(text) or _is_repeated(text) or _is_a_row(text)


def _is_a_word_with_signs(text: str) -> bool:
    """Recognize `Password123!`, `2026-welcome` and `P@ssw0rd1234`."""
    bare = text.strip(punctuation + digits + " ")
    return not WORDS.isdisjoint({_SIGNS.sub("", text), bare.translate(_LOOKALIKES)})


def _is_repeated(text: str) -> bool:
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, LONGEST_REPEATED + 1))


def _is_a_row(text: str) -> bool:
    """Recognize keys or letters in a row, in both directions."""
    return any(text in row or text[::-1] in row for row in _ROWS)
