"""Columns for text that no door's oversight can break: what a database can't keep is written as U+FFFD."""

import sqlalchemy
from sqlalchemy import TypeDecorator
from sqlalchemy.engine import Dialect

from host.gate import characters


def _keepable(value: str | None) -> str | None:
    """Return the text as both engines keep it: PostgreSQL has no NUL, and neither has halves of characters."""
    return value if value is None else characters.whole(value).replace("\x00", characters.REPLACEMENT)


class String(TypeDecorator[str]):
    """A text of a limited length."""

    impl = sqlalchemy.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Write it, in a condition too."""
        return _keepable(value)


class Text(TypeDecorator[str]):
    """A text of any length."""

    impl = sqlalchemy.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Write it, in a condition too."""
        return _keepable(value)
