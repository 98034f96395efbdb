"""A process that makes requests: `DATABASE_URL=... python token_process.py SERVER-URL THREADS [hang]`.

Prints "ready", waits for a line, makes one request in each thread, prints the statuses as JSON.
With `hang` it prints "answered" after the token's answer and hangs before saving it.
"""

import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from host.clock import SystemClock
from host.crm.auth.oauth_grants import Granted
from host.crm.auth.token_store import StoredConnection, TokenStore
from host.db.engine import Database
from tests.host.crm.auth.desk import Desk, crm_settings


def hang(_store: TokenStore, _leased: StoredConnection, granted: Granted) -> bool:
    assert granted.access_token
    print("answered", flush=True)
    threading.Event().wait()
    return False


def main(url: str, threads: int, *, hangs: bool) -> None:
    if hangs:
        setattr(TokenStore, "save", hang)  # noqa: B010 - mypy knows that it is a method
    desk = Desk(Database(os.environ["DATABASE_URL"]), crm_settings(url), SystemClock())

    def get(_: int) -> Any:
        return desk.get().status

    print("ready", flush=True)
    sys.stdin.readline()
    with ThreadPoolExecutor(threads) as pool:
        print(json.dumps(list(pool.map(get, range(threads)))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), hangs="hang" in sys.argv[3:])
