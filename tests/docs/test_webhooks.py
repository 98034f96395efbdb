"""The code of docs/webhooks.md verifies what we send."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from host.webhooks import signature

TEXT = (Path(__file__).resolve().parents[2] / "docs/webhooks.md").read_text("utf-8")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"type":"session.ended"}'

Verify = Callable[[str, dict[str, str], bytes], None]


@pytest.fixture
def verify() -> Verify:
    names: dict[str, Any] = {}
    [code] = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(code, names)
    verify: Verify = names["verify"]
    return verify


def headers(sent_at: int, body: bytes = BODY) -> dict[str, str]:
    signed = signature.sign(SECRET, "msg_1", sent_at, body)
    return {"webhook-id": "msg_1", "webhook-timestamp": str(sent_at), "webhook-signature": signed}


def test_accepts_ours(verify: Verify) -> None:
    verify(SECRET, headers(int(time.time())), BODY)


def test_refuses_others_and_old_ones(verify: Verify) -> None:
    now = int(time.time())
    with pytest.raises(ValueError, match="wrong signature"):
        verify(SECRET, headers(now), BODY + b" ")
    with pytest.raises(ValueError, match="too old"):
        verify(SECRET, headers(now - 600), BODY)
