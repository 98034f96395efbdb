"""The supervisor of `patchbay serve`: starts the processes, restarts those that end, and stops all."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from host import data_folder
from host.errors import ConfigError
from host.lifeline import Lifeline

LOOK_EVERY_S = 0.1
STOP_WITHIN_S = 10.0
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
MOST_FAILURES = 5
UP_AFTER_S = 10.0  # a process that ran this long has started well, and is restarted without limit
STEADY_AFTER_S = 30.0  # after a run of this length the pause is reset

LOCK_FILE = "serve.lock"


@dataclass
class Child:
    """One process to run."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    """Monotonic, in seconds; so are the others."""
    start_at: float = 0.0
    pause_s: float = field(default=FIRST_PAUSE_S)
    failures: int = 0
    """How often it has ended by itself with an error; they don't count once it was up."""
    was_up: bool = False


class Supervisor:
    """Keeps its children running until it is told to stop.

    Args:
        children: Name to command line.
        environ: The children's environment.
        say: Prints a line.
        look: Called every `LOOK_EVERY_S`.
    """

    def __init__(
        self,
        children: Mapping[str, Sequence[str]],
        environ: Mapping[str, str],
        say: Callable[[str], None],
        look: Callable[[], None] = lambda: None,
    ) -> None:
        self._children = [Child(name, command) for name, command in children.items()]
        self._environ = environ
        self._say = say
        self._look = look
        self._lifeline = Lifeline()
        self._signals = 0

    def run(self) -> None:
        """Start all processes, and return after SIGTERM or SIGINT when all have ended.

        Raises:
            ConfigError: A process can't start; all others have ended.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note_signal)
        try:
            while not self._signals:
                for child in self._children:
                    self._tend(child)
                self._look()
                time.sleep(LOOK_EVERY_S)
        finally:
            self._stop()

    def _note_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1

    def _tend(self, child: Child) -> None:
        """Start a child that should run, or note that it has ended."""
        now = time.monotonic()
        if child.process is None:
            if now >= child.start_at:
                self._start(child, now)
            return
        status = child.process.poll()
        if status is None:
            return
        if now - child.started_at > STEADY_AFTER_S:
            child.pause_s = FIRST_PAUSE_S
        child.was_up = child.was_up or now - child.started_at > UP_AFTER_S
        child.failures += status > 0
        if child.failures >= MOST_FAILURES and not child.was_up:
            raise ConfigError(f"{child.name} ended {MOST_FAILURES} times ({_how(status)}); it says above why.")
        self._say(f"{child.name} ended ({_how(status)}); starting it again in {child.pause_s:g} s.")
        child.process = None
        child.start_at = now + child.pause_s
        child.pause_s = min(child.pause_s * 2, LONGEST_PAUSE_S)

    def _start(self, child: Child, now: float) -> None:
        child.started_at = now
        child.process = subprocess.Popen(
            child.command,
            env={**self._environ, **self._lifeline.environment()},
            pass_fds=[self._lifeline.child_end],
            stdin=subprocess.DEVNULL,
            process_group=0,  # Ctrl-C signals this process alone, which then stops the children
        )

    def _stop(self) -> None:
        running = [child.process for child in self._children if child.process and child.process.poll() is None]
        for process in running:
            process.terminate()
        told = self._signals
        give_up_at = time.monotonic() + STOP_WITHIN_S
        while any(process.poll() is None for process in running) and time.monotonic() < give_up_at:
            if self._signals > told:  # a second signal: stop at once
                break
            time.sleep(LOOK_EVERY_S / 2)
        self._lifeline.cut()
        for process in running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _how(status: int) -> str:
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"status {status}"


def patchbay(*arguments: str) -> list[str]:
    """Return the command line of one of our own commands."""
    return [sys.executable, "-m", "host.commands.cli", *arguments]


def hold_folder(data: Path) -> IO[str]:
    """Lock this data folder against other `serve` processes while the returned file is open.

    The kernel frees the lock when the process ends, also after kill -9.

    Raises:
        ConfigError: Another `serve` uses the folder, or the folder can't be used.
    """
    data_folder.make(data)
    file = (data / LOCK_FILE).open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        owner = file.read().strip() or "unknown"
        file.close()
        raise ConfigError(
            f"Another `patchbay serve` (process {owner}) uses {data}. Stop it, or choose another folder with --data."
        ) from error
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file
