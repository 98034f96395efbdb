"""Finds and replaces characters that texts may not hold: halves of surrogate pairs and control characters.

Databases refuse some of them, UTF-8 can't encode halves, and terminals obey control characters. Line breaks and tabs
are allowed.
"""

import re

REPLACEMENT = "\ufffd"
"""The replacement character of Unicode."""

_UNFIT = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")
_BREAK = re.compile("[\\n\\r\\t\\u2028\\u2029]")
_HALF = re.compile("[\\ud800-\\udfff]")


def problem(text: str) -> str | None:
    """Return what is wrong with a text, or None: `holds U+0000, a control character, at character 3; leave it out`."""
    found = _UNFIT.search(text)
    if found is None:
        return None
    code, where = ord(found[0]), f"at character {found.start() + 1}"
    if _HALF.match(found[0]):
        return f"holds U+{code:04X}, half of a surrogate pair, {where}; send whole characters"
    return f"holds U+{code:04X}, a control character, {where}; leave it out"


def is_line(text: str) -> bool:
    """Tell whether a text has no line breaks and tabs."""
    return not _BREAK.search(text)


def repaired(text: str) -> str:
    """Return the text with U+FFFD in place of forbidden characters."""
    return _UNFIT.sub(REPLACEMENT, text)


def whole(text: str) -> str:
    """Return the text with U+FFFD in place of halves of surrogate pairs, so that UTF-8 can encode it."""
    return _HALF.sub(REPLACEMENT, text)
