"""What a person's new password has to be; those that are stored go on working."""

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
    """Say what is wrong with a new password, and never the password; None when it will do.

    Args:
        password: As given.
        email: Whose it is to be.
    """
    if len(password) < LEAST_LENGTH:
        return f"found {len(password)} characters; allowed: {LEAST_LENGTH} or more"
    if _is_common(password.lower()) or password.lower() == email.strip().lower():
        return f"found one that is easily guessed; allowed: {LEAST_LENGTH} characters or more that nobody else has"
    return None


def _is_common(text: str) -> bool:
    return text in COMMON or _is_a_word_with_signs(text) or _is_repeated(text) or _is_a_row(text)


def _is_a_word_with_signs(text: str) -> bool:
    """Tell `Password123!`, `2026-welcome` and `P@ssw0rd1234`."""
    bare = text.strip(punctuation + digits + " ")
    return not WORDS.isdisjoint({_SIGNS.sub("", text), bare.translate(_LOOKALIKES)})


def _is_repeated(text: str) -> bool:
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, LONGEST_REPEATED + 1))


def _is_a_row(text: str) -> bool:
    """Tell keys or letters in a row, either way."""
    return any(text in row or text[::-1] in row for row in _ROWS)
