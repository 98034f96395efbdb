import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from crm_shell.starter_crm.serve import is_loopback

HANG_S = 30


def test_answers_and_ends_at_sigterm_before_the_request_that_hangs(served: Any) -> None:
    assert requests.get(served.url, timeout=30).status_code == 200
    requests.post(f"{served.url}/faults", json={"fault": "hang", "seconds": HANG_S}, headers=served.headers, timeout=30)
    with ThreadPoolExecutor() as pool:
        hanging = pool.submit(requests.get, f"{served.url}/api/accounts/1", headers=served.headers, timeout=HANG_S)
        _wait_for_hit(served)
        served.process.terminate()
        assert served.process.wait(HANG_S / 2) == 0
        with pytest.raises(requests.ConnectionError):
            hanging.result()


def test_ctrl_c_ends_it_without_a_word_while_a_browser_is_connected(
    served: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    with requests.Session() as browser:
        browser.get(served.url, timeout=30)
        for process in (served.process.pid, *_children(served.process.pid)):
            os.kill(process, signal.SIGINT)  # as a terminal does
        assert served.process.wait(30) == 0
    assert capfd.readouterr().err == ""


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def test_a_reset_is_one_on_the_wire(served: Any) -> None:
    rule = {"fault": "reset_after_commit", "method": "POST", "path": "/api/accounts"}
    requests.post(f"{served.url}/faults", json=rule, headers=served.headers, timeout=30)
    with pytest.raises(requests.ConnectionError, match="reset"):
        requests.post(f"{served.url}/api/accounts", json={}, headers=served.headers, timeout=30)
    assert requests.get(f"{served.url}/api/counts", headers=served.headers, timeout=30).json()["accounts"] == 1


def test_a_dripping_answer_takes_its_time(served: Any) -> None:
    rule = {"fault": "drip", "seconds": 3}
    requests.post(f"{served.url}/faults", json=rule, headers=served.headers, timeout=30)
    begun_at = time.monotonic()
    answer = requests.post(f"{served.url}/api/accounts", json={"name": "James"}, headers=served.headers, timeout=2.5)
    assert answer.json()["account"]["name"] == "James"
    assert time.monotonic() - begun_at >= 3


@pytest.mark.parametrize(
    ("bind", "is_local"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("192.168.1.2", False),
        ("crm", False),
    ],
)
def test_knows_which_addresses_only_this_machine_reaches(bind: str, is_local: bool) -> None:
    assert is_loopback(bind) is is_local


def _wait_for_hit(served: Any) -> None:
    ends_at = time.monotonic() + 30
    while time.monotonic() < ends_at:
        if requests.get(f"{served.url}/faults", headers=served.headers, timeout=30).json()["items"][0]["hits"]:
            return
    raise AssertionError("the hanging request did not arrive")
