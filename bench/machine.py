"""Describes the machine and the versions of a measurement."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from e2e.conftest import SYSTEM_CHROMIUM

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = ("patchbay", "Flask", "gunicorn", "SQLAlchemy", "flask-sock", "playwright")


def describe() -> dict[str, Any]:
    """Return machine and versions for the results."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "system": platform.platform(),
            "cpu": _cpu(),
            "cores": os.cpu_count(),
            "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        },
        "versions": {
            "commit": _said("git", "rev-parse", "--short", "HEAD"),
            "python": platform.python_version(),
            "chromium": _said(str(SYSTEM_CHROMIUM), "--version"),
            **{name: version(name) for name in LIBRARIES},
        },
    }


def load() -> float:
    """Return how many processes wanted a core in the last minute."""
    return round(os.getloadavg()[0], 1)


def line(load_before: float) -> str:
    """Return one line with machine and versions."""
    return (
        f"{_cpu()}, {os.cpu_count()} cores, load {load_before} before and {load()} after; medians [smallest-largest]; "
        "on a busy machine ratios hold, times don't"
    )


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((text.partition(":")[2].strip() for text in lines if text.startswith("model name")), platform.machine())


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip()
