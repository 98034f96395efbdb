"""The wheel: it runs where there is neither a checkout nor npm."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path

import pytest
import requests

from host.web.assets import VENDOR
from tests.host.jobs.workers import wait_until

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("host", "adapter_pages", "crm_shell")


def test_every_file_that_is_no_module_has_its_pattern() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    patterns = project["tool"]["setuptools"]["package-data"]["*"]
    listed = subprocess.run(["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    missing = [
        name
        for name in listed.splitlines()
        if not name.endswith(".py") and not any(fnmatch(Path(name).name, pattern) for pattern in patterns)
    ]
    assert missing == []


@pytest.mark.drill
def test_the_wheel_alone_serves_the_demo(tmp_path: Path) -> None:
    python = installed(tmp_path)
    port, crm_port = free_ports(2)
    with serving(python, tmp_path, port, crm_port):
        page = requests.get(f"http://127.0.0.1:{port}/", timeout=60)
        assert page.status_code == 200
        addresses = set(re.findall(r'"(/static/[^"]+)"', page.text))
        assert addresses
        for address in addresses:
            assert requests.get(f"http://127.0.0.1:{port}{address}", timeout=60).status_code == 200, address
        for script in ("embed.js", "consumer.js"):
            assert requests.get(f"http://127.0.0.1:{port}/{script}", timeout=60).status_code == 200
        manifest = json.loads((VENDOR / "manifest.json").read_text())
        for name in ("micropython/micropython.wasm", "core/core.js", "listeners/main.py", "pyodide/pyodide.asm.wasm"):
            path = f"/static/{manifest[name]['path']}"
            assert requests.get(f"http://127.0.0.1:{port}{path}", timeout=60).status_code == 200, name
        assert requests.get(f"http://127.0.0.1:{crm_port}/", timeout=60).status_code < 500


def installed(folder: Path) -> Path:
    """Build the wheel and install it alone, beside the libraries, which are lent; return its interpreter."""
    sources = folder / "sources"
    shutil.copytree(ROOT, sources, ignore=shutil.ignore_patterns(".*", "node_modules", "var", "build", "dist"))
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
    wheel = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder / "dist"), str(sources)]
    subprocess.run(wheel, check=True, capture_output=True)
    shutil.rmtree(sources)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True)
    python = folder / "venv" / "bin" / "python"
    [built] = (folder / "dist").glob("patchbay-*.whl")
    into = [*pip, "--python", str(python), "install", "--no-deps", "--no-index", str(built)]
    subprocess.run(into, check=True, capture_output=True)
    place = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    )
    # A line of a .pth file lends the libraries, but not the checkout, whose own .pth isn't read from there.
    (Path(place.stdout.strip()) / "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return python


def free_ports(count: int) -> list[int]:
    import socket

    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@contextmanager
def serving(python: Path, folder: Path, port: int, crm_port: int) -> Iterator[None]:
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PATCHBAY_CRM_PORT": str(crm_port)}
    where = subprocess.run(
        [str(python), "-c", "import host; print(host.__path__[0])"],
        check=True,
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
    )
    assert str(folder) in where.stdout
    command = [
        str(python.with_name("patchbay")),
        "serve",
        "--demo",
        "--port",
        str(port),
        "--data",
        str(folder / "data"),
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=log)
    try:
        wait_until(lambda: process.poll() is not None or is_ready(port))
        assert process.poll() is None, (folder / "log").read_text()
        yield
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()


def is_ready(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=60).ok
    except requests.RequestException:
        return False
