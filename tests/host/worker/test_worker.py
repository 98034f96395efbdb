"""The main loop of the worker."""

from types import SimpleNamespace
from typing import Any

import pytest

from host.worker.worker import _keep_files


def test_a_session_that_can_not_be_read_neither_stops_the_worker_nor_the_nightly_look(
    caplog: pytest.LogCaptureFixture,
) -> None:
    person = "james.bond@agents.co"  # apart: the log has the line that raises

    def broken() -> int:
        raise KeyError(person)

    keeping: Any = SimpleNamespace(clean_up=broken, reconcile=lambda: ["session 12: chat-12.json"])
    parts: Any = SimpleNamespace(files=SimpleNamespace(keeping=keeping))
    _keep_files(parts)
    assert "files could not be looked after: KeyError" in caplog.text
    assert person not in caplog.text
    assert "session 12: chat-12.json" in caplog.text
