"""Regular expressions that run in linear time: those of admins, and ours over texts of unknown origin.

Python's `re` can need exponential time, already with a pattern of 27 characters. RE2 needs time in proportion to the
text; it therefore has no look-around and no back-references.

Source: docs/reference/settings.md, Endpoint keys.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import re2

LONGEST = 1000
UNKNOWN = "look-ahead, look-behind and back-references are not known"
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


def checked(pattern: str) -> str:
    """Return the pattern after checking that it has exactly one group.

    Raises:
        ValueError: It is not a regular expression, or has another number of groups.
    """
    groups = _compiled(pattern).groups
    if groups != 1:
        raise ValueError(f"found {pattern!r} with {groups} groups; allowed: exactly one, around what is wanted")
    return pattern


def cut(pattern: str, text: str) -> str | None:
    """Return the group of the first match; None without a match, or when the group is empty."""
    found = _compiled(pattern).search(text.encode("utf-8", "replace").decode())
    return (found[1] or None) if found else None


def replacing(pattern: str, replacement: str) -> Callable[[str], str]:
    r"""Return a function that replaces each match of one of our patterns, ignoring case.

    Args:
        pattern: In RE2 syntax: `\d`, `\s` and `\w` match ASCII only, `\p{Nd}` and the like match Unicode.
        replacement: Used literally.
    """
    options = re2.Options()
    options.case_sensitive = False
    compiled = re2.compile(pattern, options)
    return lambda text: compiled.sub(lambda _: replacement, text.encode("utf-8", "replace").decode())


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    if len(pattern) > LONGEST:
        raise ValueError(f"found a pattern of {len(pattern)} characters; allowed: {LONGEST}")
    try:
        return re2.compile(pattern, _OPTIONS)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if error.args else "it cannot be read"
        raise ValueError(f"found {pattern!r}, which is no regular expression here: {reason} ({UNKNOWN})") from None
    except UnicodeEncodeError:
        raise ValueError("found a pattern with half a character in it") from None
