"""The client's deadlines under gevent, as web processes on PostgreSQL run it."""

import subprocess
import sys
from pathlib import Path


def test_deadlines_hold_under_gevent() -> None:
    tests = [str(Path(__file__).with_name(name)) for name in ("test_client.py", "test_ssrf_guard.py")]
    command = [sys.executable, "-m", "gevent.monkey", "--module", "pytest", "-q", "-p", "no:cacheprovider", *tests]

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)

    assert done.returncode == 0, done.stdout
