"""Says whether a JSON text can be read at all, before anybody reads it.

A reader that follows brackets calls itself for each. At the end of the stack Python raises RecursionError, and where
the garbage collector runs just then it ends the whole process ("Cannot recover from stack overflow").
"""

import re
from itertools import accumulate

READABLE = 600
"""Levels that every reader can follow, wherever it is called from."""

_TEXT = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""A JSON text, also one without its end; never tried a second time (possessive)."""
_OTHERS = re.compile(r"[^\[\]{}]+")
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}


def is_readable(written: str) -> bool:
    """Tell whether no bracket of a JSON text stands deeper than `READABLE`; the time grows with the text alone."""
    if written.count("[") + written.count("{") <= READABLE:
        return True
    brackets = _OTHERS.sub("", _TEXT.sub("", written))
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0) <= READABLE
