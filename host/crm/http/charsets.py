"""Decodes the body of an answer: by its byte order mark, its declared character set, or as UTF-8.

Source: docs/reference/generic-api.md, Response data location.
"""

import codecs
import re
from collections.abc import Iterator
from email.message import Message

LONGEST_TYPE = 500
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks, the longer ones first: UTF-32's begins like UTF-16's."""
_WITHOUT_MARK = (
    (re.compile(rb"\0\0\0[^\0]"), "utf-32-be"),
    (re.compile(rb"[^\0]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0[^\0]"), "utf-16-be"),
    (re.compile(rb"[^\0]\0"), "utf-16-le"),
)
"""First bytes of JSON and markup without a mark; their first two characters are ASCII."""
_AS_BROWSERS_READ = {"iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030"}
"""Labels that stand for a larger set in practice: https://encoding.spec.whatwg.org/#names-and-labels."""
_NEVER = frozenset({"idna", "punycode", "utf-7", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
"""Codecs of Python that are not character sets, and UTF-7, which can hide markup."""


def readings(body: bytes, content_type: str) -> Iterator[str]:
    """Yield the possible texts of a body, the most likely first; the last one has U+FFFD for undecodable bytes.

    Args:
        body: As received.
        content_type: `application/json; charset=windows-1251`; the name may be missing, unknown or wrong.
    """
    tried = set[str]()
    for charset in (*_by_content(body), *_declared(content_type), "utf-8"):
        if charset not in tried:
            tried.add(charset)
            try:
                yield body.decode(charset)
            except (ValueError, LookupError):  # LookupError: a codec that doesn't produce text, such as base64
                continue
    yield body.decode("utf-8", "replace")


def text_of(body: bytes, content_type: str) -> str:
    """Return the most likely text."""
    return next(readings(body, content_type))


def _by_content(body: bytes) -> Iterator[str]:
    """Yield the character set that the first bytes show (mark or zeros); they are more reliable than a header."""
    for mark, charset in _MARKS:
        if body.startswith(mark):
            yield charset
            return
    yield from (charset for pattern, charset in _WITHOUT_MARK if pattern.match(body))


def _declared(content_type: str) -> Iterator[str]:
    header = Message()
    header["Content-Type"] = content_type[:LONGEST_TYPE].replace("\r", " ").replace("\n", " ")
    try:
        codec = codecs.lookup(str(header.get_content_charset() or "").strip().strip("'\""))
    except (LookupError, ValueError):
        return
    if codec.name not in _NEVER:
        yield _AS_BROWSERS_READ.get(codec.name, codec.name)
