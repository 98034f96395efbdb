"""Processes that end with the one that started them."""

import os
import signal
import subprocess
import sys

CHILD = "from host.lifeline import watch; import signal; watch(); print('up', flush=True); signal.pause()"

PARENT = f"""
import signal, subprocess, sys
from host.lifeline import Lifeline
lifeline = Lifeline()
subprocess.Popen([sys.executable, "-c", {CHILD!r}], env=lifeline.environment(), pass_fds=[lifeline.child_end])
signal.pause()
"""

FORKING = """
import os, signal
from host.lifeline import hold_forks
hold_forks()
if os.fork() == 0:
    os.fork()  # a fork of a fork ends too
    print("up", flush=True)
signal.pause()
"""


def test_a_child_ends_when_its_parent_is_killed() -> None:
    assert _ends_after_kill(PARENT, children=1)


def test_forks_and_their_forks_end_when_the_first_process_is_killed() -> None:
    assert _ends_after_kill(FORKING, children=2)


def test_without_a_lifeline_nothing_happens() -> None:
    script = "from host.lifeline import watch; watch({}); print('up')"

    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout == b"up\n"


def _ends_after_kill(script: str, *, children: int) -> bool:
    """Whether all who hold the script's standard output are gone soon after the script is killed."""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        for _ in range(children):
            assert parent.stdout.readline() == b"up\n"
        os.kill(parent.pid, signal.SIGKILL)
        out, _ = parent.communicate(timeout=60)
    return out == b""
