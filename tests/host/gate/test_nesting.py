import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.gate.nesting import READABLE, is_readable

VALUES = st.recursive(
    st.none() | st.text(alphabet='[]{}"\\ ab\n') | st.integers(),
    lambda below: st.lists(below) | st.dictionaries(st.text(alphabet='[]{}"\\'), below),
)


@given(value=VALUES, levels=st.integers(0, READABLE + 50))
def test_knows_how_deep_a_document_is(value: Any, levels: int) -> None:
    text = "[" * levels + json.dumps(value) + "]" * levels
    assert is_readable(text) == (levels + depth(value) <= READABLE)


@pytest.mark.parametrize(
    ("text", "is_fine"),
    [
        ("[" * 100_000, False),
        ('{"a":' * 100_000, False),
        ("[]," * 100_000, True),
        ('"' + "[" * 100_000, True),
        ('"' + '\\"[' * 100_000, True),
        ('["' + "[" * 1000 + '", ' + "[" * 1000, False),
        ('"\\', True),
        ("", True),
    ],
)
def test_counts_only_brackets_outside_texts(text: str, is_fine: bool) -> None:
    assert is_readable(text) is is_fine


def test_no_depth_ends_the_process() -> None:
    """The garbage collector runs at the end of the stack: without the look beforehand the interpreter aborts."""
    program = """
import gc
from host.gate import lenient, strict

def deeper(phase, info):
    def down(level):
        return level and down(level - 1)
    down(60)

gc.callbacks.append(deeper)
gc.set_threshold(1)
for read in (lenient.read, strict.read):
    for text in ("[" * 100_000, '{"a":' * 100_000, '[{"a": [' * 50_000):
        try:
            read(text)
        except ValueError:
            continue
        raise SystemExit("it was read")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")


def depth(value: Any) -> int:
    if isinstance(value, dict | list):
        below = value.values() if isinstance(value, dict) else value
        return 1 + max((depth(each) for each in below), default=0)
    return 0
