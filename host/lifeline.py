"""Ends child processes when their parent ends, also after kill -9.

The parent holds the writing end of a pipe and never writes to it; the children read from it. The kernel closes the
pipe when the parent ends, and the children exit at once.
"""

import os
import threading
from collections.abc import Mapping

VARIABLE = "PATCHBAY_PARENT_FD"


class Lifeline:
    """The parent's end: pass `child_end` to children, which call `watch`."""

    def __init__(self) -> None:
        self.child_end, self._own_end = os.pipe()

    def environment(self) -> dict[str, str]:
        """Return the variable that tells a child which descriptor to watch."""
        return {VARIABLE: str(self.child_end)}

    def cut(self) -> None:
        """Close the pipe: every child that still runs exits at once."""
        os.close(self._own_end)
        os.close(self.child_end)


def watch(environ: Mapping[str, str] = os.environ) -> None:
    """End this process, and those that it forks, when its parent ends; do nothing without a parent's pipe."""
    text = environ.get(VARIABLE, "")
    if not text:
        return
    descriptor = int(text)
    os.set_inheritable(descriptor, False)  # noqa: FBT003 - the standard library's signature; our programs don't need it
    _leave_when_closed(descriptor)
    os.register_at_fork(after_in_child=lambda: _leave_when_closed(descriptor))


def hold_forks() -> None:
    """End every process that is forked from now on when this one ends."""
    child_end, own_end = os.pipe()
    own_ends = [own_end]

    def in_child() -> None:
        if own_ends:  # a fork of a fork has closed it
            os.close(own_ends.pop())
        _leave_when_closed(child_end)

    os.register_at_fork(after_in_child=in_child)


def _leave_when_closed(descriptor: int) -> None:
    threading.Thread(target=_wait, args=(descriptor,), name="lifeline", daemon=True).start()


def _wait(descriptor: int) -> None:
    os.read(descriptor, 1)
    os._exit(1)  # no clean-up needed: the database survives kill -9
