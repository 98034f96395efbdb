"""Regular expressions over texts that anybody may have written: admins' own, and ours that a text could make slow.

Python's own `re` may take for ever for one of 27 characters; RE2 takes time in proportion to the text, and knows
neither look-around nor back-references, which is why.

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
    """Check a pattern that has one group around what is wanted.

    Raises:
        ValueError: It is none, or has another number of groups; says what would be right.
    """
    groups = _compiled(pattern).groups
    if groups != 1:
        raise ValueError(f"found {pattern!r} with {groups} groups; allowed: exactly one, around what is wanted")
    return pattern


def cut(pattern: str, text: str) -> str | None:
    """Return what the pattern's group holds at its first match; None without one, or when it is empty."""
    found = _compiled(pattern).search(text.encode("utf-8", "replace").decode())
    return (found[1] or None) if found else None


def replacing(pattern: str, replacement: str) -> Callable[[str], str]:
    r"""Return what replaces each match of a pattern of ours, whatever the case.

    Args:
        pattern: In RE2's words: `\d`, `\s` and `\w` are ASCII there, `\p{Nd}` and the like are not.
        replacement: As it is.
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
