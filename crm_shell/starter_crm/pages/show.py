"""Formats values for pages."""

from datetime import datetime

from flask import Flask

from crm_shell.starter_crm.pages.text import pieces

UNITS = ("bytes", "kB", "MB", "GB")


def register(app: Flask) -> None:
    """Give the templates their filters."""
    app.jinja_env.filters |= {"moment": moment, "file_size": file_size, "pieces": pieces}


def moment(at: str) -> str:
    """Return a time for people: ``2026-05-01T10:00:00.000000Z`` -> ``1 May 2026, 10:00 UTC``."""
    when = datetime.fromisoformat(at)
    return f"{when.day} {when:%b %Y, %H:%M} UTC"


def file_size(size_bytes: int) -> str:
    """Return a size for people: ``1536`` -> ``1.5 kB``."""
    size, unit = float(size_bytes), 0
    while size >= 1000 and unit < len(UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.0f} {UNITS[0]}" if unit == 0 else f"{size:.1f} {UNITS[unit]}"
