"""A flood beside an agent's chat: the agent sees each message within a second, and memory comes back.

`FLOOD_S=10 pytest -m drill -s e2e/test_flood_drill.py`; each kind lasts a minute by default.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from simple_websocket import Client

from e2e.product import PASSWORD, Product
from e2e.waiting import eventually

DATABASES = ("sqlite", "postgresql")
FLOOD_S = float(os.environ.get("FLOOD_S", "60"))
QUEUE = "Developers / James"
EVERY_S = 1.1  # a consumer may write 60 messages a minute
WITHIN_S = 1.0
MEMORY_BACK_MB = 120
KINDS = (
    tuple(os.environ["FLOOD_KINDS"].split(","))
    if "FLOOD_KINDS" in os.environ
    else (
        "200 addresses",
        "one consumer",
        "slow heads",
        "slow bodies",
        "slow readers",
        "half-open sockets",
        "silent connections",
    )
)


@pytest.mark.drill
@pytest.mark.timeout(60 + 3 * FLOOD_S * (len(KINDS) + 1))
def test_an_agent_sees_messages_within_a_second_beside_a_flood(product: Product) -> None:
    with a_chat(product) as chat:
        quiet, before = chat.delays(FLOOD_S), memory_mb(product)
        say("quiet", quiet, before, 0)
        late = {}
        for kind in KINDS:
            command = [sys.executable, "-m", "e2e.flood", kind, str(product.port), str(FLOOD_S), chat.stranger()]
            with subprocess.Popen(command, stdout=subprocess.PIPE) as flood:
                delays = chat.delays(FLOOD_S)
                made = json.loads(flood.communicate()[0])["connections"]
            say(kind, delays, memory_mb(product), made)
            if max(delays) > WITHIN_S:
                late[kind] = max(delays)
        eventually(lambda: memory_mb(product) < before + MEMORY_BACK_MB, within_s=30, what="memory has come back")
        say("after", chat.delays(EVERY_S), memory_mb(product), 0)
    assert late == {}


def say(kind: str, delays: list[float], memory: float, made: int) -> None:
    """Print a line of figures."""
    middle, worst = statistics.median(delays) * 1000, max(delays) * 1000
    print(
        f"\n{kind:20} {len(delays):4} messages, {middle:6.0f} ms, worst {worst:6.0f} ms, {memory:6.0f} MB, {made} made"
    )


def memory_mb(product: Product) -> float:
    """Return the memory of the web processes in MB."""
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in product.web_pids()]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


class Browser:
    """A client that keeps cookies as a browser does; loopback counts as secure."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, *, token: str = "", **form: str) -> requests.Response:
        """Send a request with the cookies, which `requests` would send with https only."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Accept": "text/html", "Origin": self.url, "Cookie": cookie, "X-CSRF-Token": token}
        url = self.url + path
        answer = requests.request(method, url, headers=headers, data=form, timeout=30, allow_redirects=False)
        self.cookies |= {each.name: each.value or "" for each in answer.cookies}
        return answer

    def token(self, path: str) -> str:
        """Return the CSRF token of a page's form."""
        page = self.ask("GET", path).text
        found = re.search(r'name="csrf_token" value="([^"]+)"|"csrf": *"([^"]+)"', page)
        assert found, page[:500]
        return found[1] or found[2]

    def socket(self, path: str, token: str, **hello: Any) -> Client:
        """Open a socket with a ticket."""
        answer = self.ask("POST", f"{path}/ticket", token=token)
        client = Client(self.url.replace("http", "ws") + f"{path}/socket", headers={"Origin": self.url})
        client.send(json.dumps({"op": "hello", "ticket": answer.json()["ticket"], **hello}))
        return client


class Chat:
    """A consumer who writes, and the agent who reads it."""

    def __init__(self, url: str) -> None:
        self._url = url
        agent, consumer = Browser(url), Browser(url)
        agent.ask("POST", "/sign-in", token=agent.token("/"), email="agent@example.com", password=PASSWORD)
        token = agent.token("/agent/?type=chat&from=custom")
        self._agent = agent.socket("/agent", token, adapter="chat", tab="tab-drill", seq=0)
        act(self._agent, "status", status="Available")
        self._begin(consumer)
        self._consumer = consumer.socket("/consumer", consumer.token("/consumer/"))
        session_id = int(self.hear(r'data-offer=\\?"(\d+)', 20))
        act(self._agent, "answer", session_id=session_id)
        self.hear(rf'"chat-{session_id}"', 20)

    def _begin(self, consumer: Browser) -> None:
        answer = consumer.ask("POST", "/consumer/chats", token=consumer.token("/consumer/"), queue=QUEUE, name="Ada")
        assert answer.status_code == 303, answer.text

    def stranger(self) -> str:
        """Return the cookies and the token of another browser: `name=value; ...|token`."""
        other = Browser(self._url)
        token = other.token("/consumer/")
        return "; ".join(f"{name}={value}" for name, value in other.cookies.items()) + f"|{token}"

    def delays(self, for_s: float) -> list[float]:
        """Write messages for some seconds; return each one's delay until the agent's page has it."""
        found, end = [], time.monotonic() + for_s
        while time.monotonic() < end:
            words, began_at = f"probe {uuid4().hex}", time.monotonic()
            act(self._consumer, "message", text=words)
            self.hear(words, 30)
            found.append(time.monotonic() - began_at)
            time.sleep(max(0, EVERY_S - found[-1]))
        return found

    def hear(self, pattern: str, within_s: float) -> str:
        """Wait until the agent's page gets a text with the pattern; return the pattern's group."""
        end = time.monotonic() + within_s
        while (left := end - time.monotonic()) > 0:
            text = self._agent.receive(timeout=left)
            if text and (match := re.search(pattern, text)):
                return match[match.lastindex or 0]
        raise AssertionError(f"not within {within_s:g} s: {pattern}")

    def close(self) -> None:
        """Close the sockets."""
        self._agent.close()
        self._consumer.close()


def act(client: Client, name: str, **args: Any) -> None:
    """Send a command."""
    client.send(json.dumps({"op": "act", "id": uuid4().hex, "name": name, "args": args}))


@contextmanager
def a_chat(product: Product) -> Iterator[Chat]:
    """Start a chat of an agent and a consumer."""
    chat = Chat(product.url)
    yield chat
    chat.close()
