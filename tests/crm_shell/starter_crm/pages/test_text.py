import pytest

from crm_shell.starter_crm.pages.text import Piece, pieces


def test_finds_links_in_plain_text() -> None:
    assert pieces("See https://example.com/a?b=1.\nBye", "plain") == [
        Piece("See "),
        Piece("https://example.com/a?b=1", "https://example.com/a?b=1"),
        Piece(".\nBye"),
    ]


def test_reads_html_as_people_would() -> None:
    html = '<p>Hello&nbsp;<b>James</b> <a href="https://example.com">here</a></p><ul><li>one</li><li>two</li></ul>'
    found = pieces(html, "html")
    assert "".join(piece.text for piece in found) == "Hello James here\n• one\n• two"
    assert Piece("here", "https://example.com") in found


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<style>p{}</style>",
        "<svg><title>alert(1)</title></svg>",
        '<a href="javascript:alert(1)"></a>',
        "<iframe src='https://x.example'>alert(1)</iframe>",
        "<img src=x onerror=alert(1)>",
        "<!-- alert(1) -->",
    ],
)
def test_shows_nothing_of_what_would_run(body: str) -> None:
    assert pieces(body, "html") == []


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", " java\nscript:alert(1)", "data:text/html,x", "//evil.example", "/x"]
)
def test_links_lead_to_web_addresses_only(href: str) -> None:
    assert pieces(f'<a href="{href}">text</a>', "html") == [Piece("text")]


def test_a_block_that_is_never_closed_hides_no_later_end() -> None:
    assert pieces("<p>one</div><p>two", "html") == [Piece("one"), Piece("\n"), Piece("two")]
