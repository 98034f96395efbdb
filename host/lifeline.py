"""Processes that end when the one that started them is gone, however it went.

The parent holds the writing end of a pipe that nobody ever writes to; the children read it. The kernel
closes it when the parent dies, of kill -9 too, and the children leave at once.
"""

import os
import threading
from collections.abc import Mapping

VARIABLE = "PATCHBAY_PARENT_FD"


class Lifeline:
    """The parent's side: pass `child_end` on to children that call `watch`."""

    def __init__(self) -> None:
        self.child_end, self._own_end = os.pipe()

    def environment(self) -> dict[str, str]:
        """Return what tells a child which descriptor to watch."""
        return {VARIABLE: str(self.child_end)}

    def cut(self) -> None:
        """Let go: every child that still runs leaves at once."""
        os.close(self._own_end)
        os.close(self.child_end)


def watch(environ: Mapping[str, str] = os.environ) -> None:
    """End this process, and those it forks, when its parent is gone; without a lifeline do nothing."""
    text = environ.get(VARIABLE, "")
    if not text:
        return
    descriptor = int(text)
    os.set_inheritable(descriptor, False)  # noqa: FBT003 - the standard library's way; what we start by exec has no use for it
    _leave_when_closed(descriptor)
    os.register_at_fork(after_in_child=lambda: _leave_when_closed(descriptor))


def hold_forks() -> None:
    """End every process that is forked from here on when this one is gone."""
    child_end, own_end = os.pipe()
    own_ends = [own_end]

    def in_child() -> None:
        if own_ends:  # a fork of a fork has it no more
            os.close(own_ends.pop())
        _leave_when_closed(child_end)

    os.register_at_fork(after_in_child=in_child)


def _leave_when_closed(descriptor: int) -> None:
    threading.Thread(target=_wait, args=(descriptor,), name="lifeline", daemon=True).start()


def _wait(descriptor: int) -> None:
    os.read(descriptor, 1)
    os._exit(1)  # nothing to tidy: the database survives kill -9 by design
