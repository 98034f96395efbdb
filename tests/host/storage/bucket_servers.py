"""Servers that speak the APIs of S3 and Google Cloud Storage, on loopback, from an environment of their own."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

PYTHON = Path(__file__).resolve().parents[3] / ".venv/servers/bin/python"
STARTS_WITHIN_S = 60


@contextmanager
def moto() -> Iterator[str]:
    """Run moto during the block; yield its URL."""
    with _running("-m", "moto.server", "-H", "127.0.0.1", "-p") as url:
        yield url


@contextmanager
def gcs_emulator() -> Iterator[str]:
    """Run the emulator of Google Cloud Storage during the block; yield its URL."""
    with _running("-m", "gcp_storage_emulator", "start", "--in-memory", "--host", "127.0.0.1", "--port") as url:
        yield url


@contextmanager
def _running(*arguments: str) -> Iterator[str]:
    assert PYTHON.exists(), "run `make .venv/stamps/servers`"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = [str(PYTHON), *arguments, str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(server, url)
        yield url
    finally:
        server.terminate()
        server.wait(10)


def _wait(server: "subprocess.Popen[bytes]", url: str) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while True:
        try:
            requests.get(url, timeout=5)
        except requests.ConnectionError:
            assert server.poll() is None, "the server has ended"
            assert time.monotonic() < until, "the server does not start"
            time.sleep(0.05)
        else:
            return
