"""Formats tracebacks, on each of the interpreters."""

import io
import sys

try:
    import traceback
except ImportError:  # MicroPython prints exceptions itself
    traceback = None  # type: ignore[assignment]


def of(error: BaseException) -> str:
    """Return the traceback as text."""
    stream = io.StringIO()
    if traceback:
        traceback.print_exception(error, file=stream)
    else:
        getattr(sys, "print_exception")(error, stream)  # noqa: B009 - CPython's checkers don't know it
    return stream.getvalue()
