"""A process that makes requests: `python token_process.py FOLDER SERVER-URL THREADS [hang]`.

Prints "ready", waits for a line, makes one request in each thread, prints the statuses as JSON.
With `hang` it stops for ever between the token's answer and its saving, and prints "answered" there.
"""

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from host.clock import SystemClock
from host.crm.auth.grants import Granted
from host.crm.auth.store import Kept, TokenStore
from tests.host.crm.auth.desk import Desk, crm_settings


def hang(_store: TokenStore, _leased: Kept, granted: Granted) -> bool:
    assert granted.access_token
    print("answered", flush=True)
    threading.Event().wait()
    return False


def main(folder: str, url: str, threads: int, *, hangs: bool) -> None:
    if hangs:
        setattr(TokenStore, "save", hang)  # noqa: B010 - mypy knows that it is a method
    desk = Desk(Path(folder), crm_settings(url), SystemClock())

    def get(_: int) -> Any:
        return desk.get().status

    print("ready", flush=True)
    sys.stdin.readline()
    with ThreadPoolExecutor(threads) as pool:
        print(json.dumps(list(pool.map(get, range(threads)))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), hangs="hang" in sys.argv[4:])
