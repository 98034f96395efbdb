"""Runs the real product on free ports and in a new folder: `patchbay serve` and `patchbay crm --faults`."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from e2e.waiting import eventually

PASSWORD = "correct-horse-battery"  # of all demo users, in a folder that is deleted again
STARTS_WITHIN_S = 60.0
STOPS_WITHIN_S = 30.0


def free_ports(count: int) -> list[int]:
    """Return unused ports."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()


class StarterCrm:
    """The CRM beside the product, with its fault switch."""

    def __init__(self, environ: dict[str, str], folder: Path, port: int) -> None:
        self.url = f"http://localhost:{port}"
        self._environ = environ
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self._folder / "crm.log").open("ab") as log:
            self._process = subprocess.Popen(_command("crm", "--faults"), env=self._environ, stdout=log, stderr=log)
        eventually(lambda: _answers(f"{self.url}/"), within_s=STARTS_WITHIN_S, what="the starter CRM answers")

    def stop(self) -> None:
        """Kill it, so that connections are refused."""
        if self._process:
            for pid in [self._process.pid, *_descendants(self._process.pid)]:
                _kill(pid)
            self._process.wait()
            eventually(lambda: not _answers(f"{self.url}/"), what="the starter CRM is gone")
            self._process = None

    @property
    def api_key(self) -> str:
        """The key of its API."""
        return (self._folder / "starter-crm" / "api-key").read_text().strip()

    def fault(self, name: str, **fields: Any) -> None:
        """Make requests fail: `fault("hang", seconds=10, method="POST")`."""
        self._call("POST", "/faults", json={"fault": name, "path": "/api", **fields})

    def hits(self, fault: str) -> int:
        """Return how many requests a fault has met."""
        rules = self._call("GET", "/faults").json()["items"]
        return sum(int(rule["hits"]) for rule in rules if rule["fault"] == fault)

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._call("DELETE", "/faults")

    def accounts(self, phone: str) -> list[dict[str, Any]]:
        """List the accounts of a phone number."""
        return self._items("/api/accounts", phone=phone)

    def records(self, account_id: int) -> list[dict[str, Any]]:
        """List the records of an account."""
        return self._items("/api/records", account_id=account_id)

    def comments(self, record_id: int) -> list[dict[str, Any]]:
        """List the comments of a record, oldest first."""
        return self._items(f"/api/records/{record_id}/comments")

    def create_account(self, **fields: str) -> dict[str, Any]:
        """Create an account, as a user of the CRM would."""
        account: dict[str, Any] = self._call("POST", "/api/accounts", json=fields).json()["account"]
        return account

    def _items(self, path: str, **filters: Any) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self._call("GET", path, params=filters).json()["items"]
        return items

    def _call(self, method: str, path: str, **request: Any) -> requests.Response:
        response = requests.request(
            method, self.url + path, headers={"X-Api-Key": self.api_key}, timeout=30, allow_redirects=False, **request
        )
        response.raise_for_status()
        return response


class Product:
    """Starts, kills and stops the processes; knows their addresses."""

    SERVE: tuple[str, ...] = ("host.commands.cli", "serve")
    """The Python module that runs web and worker, and its arguments."""
    STARTS_WITHIN_S = 60.0

    def __init__(self, folder: Path, database_url: str = "") -> None:
        """Choose ports.

        Args:
            folder: An empty folder for its data.
            database_url: An empty PostgreSQL database; without it, SQLite is used.
        """
        self.folder = folder
        self.port, crm_port = free_ports(2)
        self.url = f"http://127.0.0.1:{self.port}"
        self._environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PATCHBAY_")},
            "PATCHBAY_DATA": str(folder),
            "PATCHBAY_PORT": str(self.port),
            "PATCHBAY_CRM_PORT": str(crm_port),
            "PATCHBAY_DEMO_PASSWORD": PASSWORD,
            "PATCHBAY_WEB_PROCESSES": "2" if database_url else "",
            "DATABASE_URL": database_url,
        }
        self.crm = StarterCrm(self._environ, folder, crm_port)
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Set the folder up for the demo."""
        subprocess.run(_command("init", "--demo"), env=self._environ, check=True, stdout=subprocess.DEVNULL)

    def change_settings(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change the settings with `change`; a running product notices it within 5 s."""
        exported = subprocess.run(_command("settings", "export"), env=self._environ, check=True, capture_output=True)
        document = json.loads(exported.stdout)
        change(document)
        given = json.dumps(document).encode()
        command = _command("settings", "import", "-")
        subprocess.run(command, env=self._environ, check=True, input=given, stderr=subprocess.DEVNULL)

    def command(self, *arguments: str, may_fail: bool = False) -> "subprocess.CompletedProcess[str]":
        """Run `patchbay` with these arguments on the product's folder."""
        return subprocess.run(
            _command(*arguments), env=self._environ, check=not may_fail, capture_output=True, text=True
        )

    def start(self) -> None:
        """Start web and worker and wait until both work."""
        with (self.folder / "serve.log").open("ab") as log:
            command = [sys.executable, "-m", *self.SERVE]
            self._process = subprocess.Popen(command, env=self._environ, stdout=log, stderr=log)
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until the web process answers and the worker works."""
        try:
            eventually(lambda: _answers(f"{self.url}/readyz"), within_s=self.STARTS_WITHIN_S)
        except AssertionError as error:
            raise AssertionError(f"not ready within {self.STARTS_WITHIN_S:g} s; the log ends:\n{self.log()}") from error

    @contextmanager
    def another_web(self) -> Iterator[str]:
        """Run another `patchbay web`, as a second machine would; yield its address. Needs PostgreSQL."""
        [port] = free_ports(1)
        url = f"http://127.0.0.1:{port}"
        with (self.folder / "serve.log").open("ab") as log:
            process = subprocess.Popen(_command("web", "--port", str(port)), env=self._environ, stdout=log, stderr=log)
        try:
            eventually(lambda: _answers(f"{url}/readyz"), within_s=self.STARTS_WITHIN_S, what="a second web process")
            yield url
        finally:
            process.terminate()
            process.wait(STOPS_WITHIN_S)

    def stop(self) -> int:
        """Stop it as an admin would; return the exit status."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(STOPS_WITHIN_S)
        self._process = None
        return status

    def kill(self) -> None:
        """Kill everything except the CRM with SIGKILL."""
        if self._process:
            pids = [self._process.pid, *_descendants(self._process.pid)]
            for pid in pids:
                _kill(pid)
            self._process.wait()
            eventually(lambda: not any(_runs(pid) for pid in pids), what="all processes are gone")
            self._process = None

    def kill_web(self) -> None:
        """Kill the web process and its children with SIGKILL; `serve` restarts it."""
        self._kill_part("web")

    def kill_worker(self) -> None:
        """Kill the worker with SIGKILL; `serve` restarts it."""
        self._kill_part("worker")

    def restart(self) -> None:
        """Stop it if it runs, then start it."""
        self.stop()
        self.start()

    def start_call(self, **body: Any) -> int:
        """Start a call as a telephony gateway does; return its id."""
        return int(self._ask("POST", "/calls", json=body)["id"])

    def start_chat(self, **body: Any) -> int:
        """Start a chat as a messaging gateway does; return its id."""
        return int(self._ask("POST", "/chats", json=body)["id"])

    def say(self, chat_id: int, text: str) -> None:
        """Write as the consumer of such a chat."""
        self._ask("POST", f"/chats/{chat_id}/message", json={"text": text, "from": "end_user"})

    def call(self, call_id: int) -> dict[str, Any]:
        """Return a call as the platform API shows it."""
        return self._ask("GET", f"/calls/{call_id}")

    def chat(self, chat_id: int) -> dict[str, Any]:
        """Return a chat as the platform API shows it."""
        return self._ask("GET", f"/chats/{chat_id}")

    def web_pids(self) -> list[int]:
        """Return the process ids of the web workers, without their parent."""
        return [pid for root in self._roots("web") for pid in _descendants(root)]

    def worker_pids(self) -> list[int]:
        """Return the process ids of the worker."""
        return [pid for root in self._roots("worker") for pid in (root, *_descendants(root))]

    def log(self) -> str:
        """Return the end of the processes' output."""
        path = self.folder / "serve.log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""

    def _ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        company = json.loads((self.folder / "company-key.json").read_text())
        url, auth = f"{self.url}/api/v1{path}", (company["key"], company["secret"])
        answer = requests.request(method, url, auth=auth, timeout=30, **request)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def _kill_part(self, name: str) -> None:
        for pid in [pid for root in self._roots(name) for pid in (root, *_descendants(root))]:
            _kill(pid)

    def _roots(self, name: str) -> list[int]:
        assert self._process is not None
        roots = [pid for pid in _children(self._process.pid) if _arguments(pid)[-1:] == [name]]
        assert roots, f"no {name} process runs"
        return roots


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "host.commands.cli", *arguments]


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5, allow_redirects=False).ok
    except requests.RequestException:
        return False


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # it has ended already


def _runs(pid: int) -> bool:
    """Tell whether a process runs; a zombie doesn't."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _arguments(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().strip("\0").split("\0")
    except OSError:
        return []


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, path.read_text().split())
        except OSError:
            continue  # that thread has ended
    return found


def _descendants(pid: int) -> Iterator[int]:
    for child in _children(pid):
        yield child
        yield from _descendants(child)
