"""Checks the depth of a JSON text before it is parsed.

A parser calls itself for each bracket. At the end of the stack Python raises RecursionError, and if the garbage
collector runs at that moment, the whole process ends ("Cannot recover from stack overflow").
"""

import re
from itertools import accumulate

READABLE = 600
"""Levels that every parser can follow, wherever it is called."""

_TEXT = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""A JSON string, also an unfinished one; possessive, so that it never backtracks."""
_OTHERS = re.compile(r"[^\[\]{}]+")
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}


def is_readable(written: str) -> bool:
    """Tell whether no bracket of a JSON text is deeper than `READABLE`; takes linear time."""
    if written.count("[") + written.count("{") <= READABLE:
        return True
    brackets = _OTHERS.sub("", _TEXT.sub("", written))
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0) <= READABLE
