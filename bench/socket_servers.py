"""Starts the servers of the socket benchmark: the product on PostgreSQL with one gevent process, and two baselines."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import requests

from e2e.product import Product, free_ports
from e2e.waiting import eventually
from host.clock import SystemClock
from host.db.engine import Database
from host.events import bus, journal
from host.events.journal import Post
from host.users import directory, sign_ins, tickets
from tests.postgresql import private_server

STARTS_WITHIN_S = 60
HOURS = 12


class Server(Protocol):
    """A server that is measured."""

    name: str
    kind: str
    """For `bench.socket_client`."""
    host: str
    """`127.0.0.1:40001`."""
    pid: int
    """The process that holds the sockets."""

    def tokens(self, count: int) -> Sequence[str]:
        """Return the credentials of so many clients."""
        ...

    def send(self, client: int, event: int) -> float:
        """Send an event to one client; return when it began."""
        ...

    def send_all(self, event: int) -> float:
        """Send an event to every client; return when it was known."""
        ...


def payload(event: int) -> dict[str, Any]:
    """Return the payload of a New_Chat; its `chat_id` identifies it."""
    return {
        "chat_id": event,
        "session_type": "messaging_web",
        "agent_id": 1,
        "agent_custom_id": "007",
        "agent_email": "james.bond@agents.example",
        "queue_id": 3,
        "queue_path": "Developers / James",
    }


class PatchbayServer:
    """The product; its events are journalled by this process, as by a worker."""

    name = "patchbay"
    kind = "product"

    def __init__(self, product: Product, database: Database) -> None:
        self.host = product.url.removeprefix("http://")
        [self.pid] = product.web_pids()
        self._database = database
        self._clock = SystemClock()
        self._agents: list[int] = []

    def tokens(self, count: int) -> Sequence[str]:
        """Add so many agents and sign each in; they are Offline, so that they get no work."""
        made, now = [], self._clock.now()
        with self._database.write() as connection:
            for number in range(count):
                user = directory.upsert(connection, f"agent{number}@agents.example", name="An Agent", roles=["agent"])
                kept = sign_ins.hash_token(sign_ins.create(connection, user.id, now, HOURS))
                ticket = tickets.issue(connection, "socket", now, user_id=user.id, sign_in=kept, ttl_s=HOURS * 3600)
                made.append(ticket)
                self._agents.append(user.id)
        return made

    def send(self, client: int, event: int) -> float:
        return self._post([self._agents[client]], event)

    def send_all(self, event: int) -> float:
        return self._post(self._agents, event)

    def _post(self, agent_ids: Sequence[int], event: int) -> float:
        """Journal an event for each of these agents' chat adapters; return when that was about to be committed."""
        posts = [Post((agent_id, "chat"), payload(event)) for agent_id in agent_ids]
        with self._database.write() as connection:
            journal.post_all(connection, "New_Chat", posts, now=self._clock.now())
            return time.monotonic()


class BaselineServer:
    """A minimal server; events are sent to it by HTTP."""

    def __init__(self, name: str, kind: str, host: str, pid: int) -> None:
        self.name = name
        self.kind = kind
        self.host = host
        self.pid = pid
        self._session = requests.Session()

    def tokens(self, count: int) -> Sequence[str]:
        return [f"agent-{number}" for number in range(count)]

    def send(self, client: int, event: int) -> float:
        return self._post(event, {"to": f"agent-{client}"})

    def send_all(self, event: int) -> float:
        return self._post(event, {})

    def _post(self, event: int, to: Mapping[str, str]) -> float:
        began = time.monotonic()
        self._session.post(f"http://{self.host}/send", params=to, json=payload(event), timeout=60).raise_for_status()
        return began


class OneProcessProduct(Product):
    """With one web process, however many cores there are."""

    def __init__(self, folder: Path, database_url: str) -> None:
        super().__init__(folder, database_url)
        self._environ["PATCHBAY_WEB_PROCESSES"] = "1"


@contextmanager
def patchbay(folder: Path) -> Iterator[Server]:
    """Run the product on a PostgreSQL of its own."""
    with ExitStack() as stack:
        cluster = stack.enter_context(private_server(keeps=True))
        product = OneProcessProduct(folder / "data", cluster.empty("patchbay"))
        product.folder.mkdir()
        product.prepare()
        product.start()
        stack.callback(product.kill)
        database = Database(product._environ["DATABASE_URL"])
        stack.callback(database.close)
        following = bus.follow(database, lambda *_: None)
        following.start()
        stack.callback(following.stop)
        yield PatchbayServer(product, database)


@contextmanager
def flask_socketio() -> Iterator[Server]:
    """Run Flask-SocketIO as the product runs: gunicorn, one gevent process."""
    options = ("-k", "gevent", "-w", "1", "--worker-connections", "20000", "--backlog", "4096")
    with _running("gunicorn", *options, "bench.baseline_socketio:app", bind="-b") as (host, process):
        [pid] = _children(process.pid)
        yield BaselineServer("Flask-SocketIO", "socketio", host, pid)


@contextmanager
def starlette() -> Iterator[Server]:
    """Run Starlette under uvicorn, without compression, as the product."""
    options = ("--ws-per-message-deflate", "false", "--log-level", "warning", "--backlog", "4096")
    with _running("uvicorn", *options, "bench.baseline_starlette:app", bind="--port") as (host, process):
        yield BaselineServer("Starlette", "plain", host, process.pid)


@contextmanager
def _running(program: str, *options: str, bind: str) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    [port] = free_ports(1)
    host = f"127.0.0.1:{port}"
    where = str(port) if bind == "--port" else host
    process = subprocess.Popen([sys.executable, "-m", program, bind, where, *options], stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: _answers(host), within_s=STARTS_WITHIN_S, what=f"{program} answers")
        yield host, process
    finally:
        process.terminate()
        process.wait()


def _answers(host: str) -> bool:
    try:
        return requests.get(f"http://{host}/", timeout=1).status_code == 404
    except requests.RequestException:
        return False


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def memory_kb(pid: int) -> float:
    """Return the memory of a process (PSS: shared pages count in part)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("Pss:")))
