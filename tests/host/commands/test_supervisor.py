"""`patchbay serve`'s processes."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from host.commands.supervisor import hold_folder
from host.errors import ConfigError

STEADY = """
import os, signal
from host.lifeline import watch
watch()
print("up", os.getpid(), flush=True)
signal.pause()
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + STEADY

SUPERVISOR = """
import os, sys
from host.commands.supervisor import Supervisor
children = {{"child": [sys.executable, "-c", {child!r}]}}
Supervisor(children, os.environ, lambda line: print("says", line, flush=True)).run()
print("ended", flush=True)
"""


def test_starts_a_killed_child_again_and_says_so(supervisor: subprocess.Popen[str]) -> None:
    first = _next_child(supervisor)

    os.kill(first, signal.SIGKILL)

    assert "says child ended (killed by SIGKILL); starting it again in 0.2 s." in _line(supervisor)
    assert _next_child(supervisor) != first


@pytest.mark.parametrize("child", ["import sys; sys.exit('the port is taken')"])
def test_gives_up_a_child_that_never_gets_up(supervisor: subprocess.Popen[str]) -> None:
    out, _ = supervisor.communicate(timeout=30)
    assert supervisor.returncode == 1
    assert out.count("child ended (status 1)") == 4


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_its_children_when_it_is_stopped(supervisor: subprocess.Popen[str], number: signal.Signals) -> None:
    child = _next_child(supervisor)

    supervisor.send_signal(number)

    assert _line(supervisor) == "ended"
    assert supervisor.wait(30) == 0
    assert not _runs(child)


def test_leaves_no_child_behind_when_it_is_killed(supervisor: subprocess.Popen[str]) -> None:
    _next_child(supervisor)

    supervisor.kill()

    out, _ = supervisor.communicate(timeout=5)  # the child holds the same pipe
    assert out == ""


@pytest.mark.parametrize("child", [STUBBORN])
def test_a_second_signal_ends_a_child_that_ignores_the_first(supervisor: subprocess.Popen[str]) -> None:
    child = _next_child(supervisor)

    supervisor.terminate()
    supervisor.terminate()

    # Both may arrive before the first is handled, and then count once; the one that isn't answered is sent again.
    while supervisor.poll() is None:
        supervisor.terminate()
        try:
            supervisor.wait(0.5)
        except subprocess.TimeoutExpired:
            continue
    assert not _runs(child)


def test_a_second_serve_on_one_folder_is_refused(tmp_path: Path) -> None:
    with hold_folder(tmp_path), pytest.raises(ConfigError, match=rf"process {os.getpid()}\) uses"):
        hold_folder(tmp_path)


def test_a_folder_is_free_again_when_its_serve_was_killed(tmp_path: Path) -> None:
    script = f"""
import pathlib, signal
from host.commands.supervisor import hold_folder
held = hold_folder(pathlib.Path({str(tmp_path)!r}))
print("held", flush=True)
signal.pause()
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as holder:
        assert _line(holder) == "held"
        holder.kill()
    hold_folder(tmp_path).close()


@pytest.fixture
def child() -> str:
    return STEADY


@pytest.fixture
def supervisor(child: str) -> Iterator[subprocess.Popen[str]]:
    script = SUPERVISOR.format(child=child)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _next_child(process: subprocess.Popen[str]) -> int:
    match = re.fullmatch(r"up (\d+)", _line(process))
    assert match is not None
    return int(match[1])


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
