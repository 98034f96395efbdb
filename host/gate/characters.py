"""Characters that no text may hold: halves of surrogate pairs, NUL and the other control characters.

Databases refuse them, UTF-8 has no halves, and terminals obey them. Line breaks and tabs are text.
"""

import re

REPLACEMENT = "\ufffd"
"""Stands for what could not be read, as Unicode has it."""

_UNFIT = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")
_BREAK = re.compile("[\\n\\r\\t\\u2028\\u2029]")
_HALF = re.compile("[\\ud800-\\udfff]")


def problem(text: str) -> str | None:
    """Say what is wrong with a text: `holds U+0000, a control character, at character 3; leave it out`."""
    found = _UNFIT.search(text)
    if found is None:
        return None
    code, where = ord(found[0]), f"at character {found.start() + 1}"
    if _HALF.match(found[0]):
        return f"holds U+{code:04X}, half of a surrogate pair, {where}; send whole characters"
    return f"holds U+{code:04X}, a control character, {where}; leave it out"


def is_line(text: str) -> bool:
    """Tell whether a text stands in one line."""
    return not _BREAK.search(text)


def repaired(text: str) -> str:
    """Return the text with U+FFFD in place of what it may not hold."""
    return _UNFIT.sub(REPLACEMENT, text)


def whole(text: str) -> str:
    """Return the text with U+FFFD in place of halves of surrogate pairs: what UTF-8 can write."""
    return _HALF.sub(REPLACEMENT, text)
