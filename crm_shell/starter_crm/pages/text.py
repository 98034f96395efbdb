"""Turns comments of any format into safe pieces of text and links.

Nothing of a comment is ever handed to the browser as HTML: tags are read here, and the template escapes every piece.
"""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

BLOCKS = frozenset(
    (
        "p",
        "div",
        "br",
        "li",
        "ul",
        "ol",
        "tr",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "pre",
        "hr",
        "section",
        "article",
        "dl",
        "dt",
        "dd",
    )
)
UNSEEN = frozenset(("script", "style", "template", "head", "title", "noscript", "iframe", "object", "svg", "math"))
LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]", re.IGNORECASE)
SAFE_HREF = re.compile(r"https?://\S+", re.IGNORECASE)


@dataclass(frozen=True)
class Piece:
    """A stretch of text."""

    text: str
    href: str | None = None
    """Where it leads, http or https only."""


def pieces(body: str, fmt: str) -> list[Piece]:
    """Cut a comment into texts and links; line breaks stay in the texts.

    ``<p>Hello <a href="https://example.com">you</a></p>`` -> ``Hello ``, ``you`` (a link).
    """
    if fmt != "html":
        return _linked(body)
    reader = _Reader()
    reader.feed(body)
    reader.close()
    return reader.finished()


def _linked(text: str) -> list[Piece]:
    found: list[Piece] = []
    end = 0
    for match in LINK.finditer(text):
        found += [Piece(text[end : match.start()]), Piece(match.group(), match.group())]
        end = match.end()
    return [piece for piece in (*found, Piece(text[end:])) if piece.text]


class _Reader(HTMLParser):
    """Collects what a reader would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._found: list[Piece] = []
        self._href: str | None = None
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links, breaks and what isn't shown."""
        if tag in UNSEEN:
            self._unseen.append(tag)
        elif tag in BLOCKS:
            self._break("\n• " if tag == "li" else "\n")
        elif tag == "a":
            href = (dict(attrs).get("href") or "").strip()
            self._href = href if SAFE_HREF.fullmatch(href) else None

    def handle_endtag(self, tag: str) -> None:
        """Close what `handle_starttag` opened."""
        if self._unseen and tag == self._unseen[-1]:
            self._unseen.pop()
        elif tag == "a":
            self._href = None
        elif tag in BLOCKS:
            self._break("\n")

    def handle_data(self, data: str) -> None:
        """Keep visible text."""
        if self._unseen:
            return
        text = re.sub(r"\s+", " ", data)
        if self._href:
            self._found.append(Piece(text, self._href))
        else:
            self._found += _linked(text)

    def finished(self) -> list[Piece]:
        """Return the pieces, without blank ones at the ends."""
        kept = self._found
        while kept and not kept[0].text.strip():
            kept = kept[1:]
        while kept and not kept[-1].text.strip():
            kept = kept[:-1]
        return kept

    def _break(self, mark: str) -> None:
        if not self._found or self._found[-1].text.endswith("\n"):
            mark = mark.lstrip("\n")  # one line break is enough
        if mark:
            self._found.append(Piece(mark))
