"""`patchbay serve` as a whole."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from e2e.product import free_ports

WITHIN_S = 60


def test_serves_until_it_is_stopped_and_leaves_nothing_behind(serve: subprocess.Popen[str]) -> None:
    url = _url(serve)
    assert requests.get(f"{url}/healthz", timeout=5).status_code == 200

    serve.send_signal(signal.SIGINT)
    out, _ = serve.communicate(timeout=WITHIN_S)  # all that its processes hold of it is closed

    assert out.endswith("Stopped.\n")
    assert serve.returncode == 0


def test_a_second_one_on_the_same_folder_is_refused(serve: subprocess.Popen[str], tmp_path: Path) -> None:
    _url(serve)

    second = subprocess.run(_command(tmp_path), capture_output=True, text=True, check=False)

    assert second.returncode == 1
    assert f"Another `patchbay serve` (process {serve.pid}) uses {tmp_path}" in second.stderr


def test_a_taken_port_is_one_clear_error(serve: subprocess.Popen[str], tmp_path: Path) -> None:
    port = _url(serve).rpartition(":")[2]

    second = subprocess.run(
        [*_command(tmp_path / "other"), "--port", port], capture_output=True, text=True, check=False
    )

    assert second.returncode == 1
    assert f"port {port}: another program has it" in second.stderr


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    [port] = free_ports(1)
    command = [*_command(tmp_path), "--port", str(port)]
    environ = {**os.environ, "PATCHBAY_LOG_LEVEL": "ERROR"}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def _command(data: Path) -> list[str]:
    return [sys.executable, "-m", "host.commands.cli", "serve", "--data", str(data)]


def _url(serve: subprocess.Popen[str]) -> str:
    assert serve.stdout is not None
    for line in serve.stdout:
        if match := re.match(r"Patchbay runs at (http://127\.0\.0\.1:\d+)/", line):
            return match[1]
    raise AssertionError("serve ended before it ran")
