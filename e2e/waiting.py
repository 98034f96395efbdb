"""Waits for conditions outside of pages."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

LOOK_EVERY_S = 0.1


def eventually(look: Callable[[], Found], *, within_s: float = 30.0, what: str = "") -> Found:
    """Call `look` until it returns a true value, and return that.

    An AssertionError in `look` counts as "not yet".

    Raises:
        AssertionError: It never did; the last error of `look`, if there was one.
    """
    give_up_at = time.monotonic() + within_s
    while True:
        problem: AssertionError | None = None
        try:
            if found := look():
                return found
        except AssertionError as error:
            problem = error
        if time.monotonic() > give_up_at:
            raise problem or AssertionError(f"not within {within_s:g} s: {what or look}")
        time.sleep(LOOK_EVERY_S)
