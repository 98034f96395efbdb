"""Column types for text: characters that a database can't store are written as U+FFFD."""

import sqlalchemy
from sqlalchemy import TypeDecorator
from sqlalchemy.engine import Dialect

from host.gate import characters


def _keepable(value: str | None) -> str | None:
    """Return the text without characters that a database can't store: NUL, and halves of surrogate pairs."""
    return value if value is None else characters.whole(value).replace("\x00", characters.REPLACEMENT)


class String(TypeDecorator[str]):
    """A text of a limited length."""

    impl = sqlalchemy.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the value to write or compare."""
        return _keepable(value)


class Text(TypeDecorator[str]):
    """A text of any length."""

    impl = sqlalchemy.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the value to write or compare."""
        return _keepable(value)
