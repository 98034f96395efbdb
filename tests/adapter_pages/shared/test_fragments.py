from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import unquote

from adapter_pages.agent import fragments as desk_fragments
from adapter_pages.consumer import conversation
from adapter_pages.consumer import fragments as conversation_fragments
from adapter_pages.shared import fragments
from adapter_pages.shared.messages import MessageView
from host.crm.intents.trace import TraceRow
from host.sessions import repository
from tests.adapter_pages.conftest import Office

NASTY = """O'Brien "}` {ACCOUNT_ID} <img src=x onerror=alert(1)></section></textarea>"""
AT = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)


class Elements(HTMLParser):
    """Collects tags, ids, attribute names and balance."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.attributes: set[str] = set()
        self.open = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.attributes |= {name for name, _ in attrs}
        self.open += tag not in {"input", "img", "br"}

    def handle_endtag(self, tag: str) -> None:
        self.open -= 1


def test_every_chat_has_its_regions_and_its_panel(office: Office) -> None:
    session_id = office.answered()
    desk = office.desk()
    panel = desk_fragments.panels(desk)[f"chat-{session_id}"]
    ids = Elements(panel).ids
    assert set(desk_fragments.regions(desk)) == {
        "status",
        "offers",
        "chat-tabs",
        "quiet",
        f"chat-{session_id}-state",
        f"chat-{session_id}-buttons",
        f"chat-{session_id}-receipt",
        f"chat-{session_id}-wrap-up",
        f"chat-{session_id}-card",
    }
    assert {f"chat-{session_id}-state", f"chat-{session_id}-card", f"chat-{session_id}-log"} <= set(ids)


def test_inputs_and_logs_stand_outside_all_regions(office: Office) -> None:
    office.answered()
    for html in desk_fragments.regions(office.desk()).values():
        assert not {"textarea", "input", "form", "audio"} & set(Elements(html).tags)
        assert 'role="log"' not in html


def test_a_panel_comes_with_an_empty_log(office: Office) -> None:
    session_id = office.answered()
    office.write(session_id, "Good morning")
    assert "Good morning" not in desk_fragments.panels(office.desk())[f"chat-{session_id}"]


def test_a_nasty_name_injects_nothing(office: Office) -> None:
    session_id = office.answered(NASTY, custom_data={"k": {"label": NASTY, "value": NASTY}})
    office.write(session_id, NASTY)
    office.start(NASTY)
    desk = office.desk()
    lines = [desk_fragments.append(session_id, line).html for line in desk.chats[0].lines]
    for html in (*desk_fragments.regions(desk).values(), *desk_fragments.panels(desk).values(), *lines):
        parsed = Elements(html)
        assert "img" not in parsed.tags
        assert parsed.open == 0
        assert not {name for name in parsed.attributes if name.startswith("on") or name == "style"}


def test_a_tab_is_named_by_its_consumer_alone(office: Office) -> None:
    first = office.answered("Ada Lovelace")
    office.answered("Grace Hopper")
    office.write(first, "Hello?")
    tabs = desk_fragments.regions(office.desk())["chat-tabs"]
    assert 'aria-description="1 unread"' in tabs
    assert '<span class="unread" aria-hidden="true">1</span>' in tabs


def test_an_idle_adapter_says_what_to_do_next(office: Office) -> None:
    assert "The next chat" in desk_fragments.regions(office.desk())["quiet"]
    assert "Waiting for calls." in desk_fragments.regions(office.desk("call"))["quiet"]


def test_a_line_carries_its_order_and_its_senders_own_id() -> None:
    line = MessageView(345, "agent", "You", is_own=True, text="a\nb & c", at=AT, client_id="abc")
    append = desk_fragments.append(12, line)
    assert (append.region, append.id) == ("chat-12-log", "message-345")
    assert 'data-order="345"' in append.html
    assert 'data-client="abc"' in append.html
    assert "a\nb &amp; c" in append.html


def test_a_longest_message_fits_into_a_socket_message() -> None:
    line = MessageView(345, "agent", "You", is_own=True, text="'" * 10_000, at=AT, client_id=None)
    assert len(fragments.message(line).encode()) < 60_000


def test_the_trace_shows_calls_and_decisions() -> None:
    row = TraceRow(at=AT, endpoint="find_account_by_query", decision="no match", method="GET", url="http://crm/?a=<b>")
    html = desk_fragments.trace([row])
    assert "no match" in html
    assert "&lt;b&gt;" in unquote(html)
    assert "Nothing has been asked" in desk_fragments.trace([])


def test_the_consumer_is_told_how_it_stands(office: Office) -> None:
    session_id = office.start()
    words = [_consumer_words(office, session_id)]
    office.offers.answer(session_id, office.agent_id)
    words.append(_consumer_words(office, session_id))
    office.chats.end(session_id, by="agent", agent_id=office.agent_id)
    words.append(_consumer_words(office, session_id))
    assert "Connecting you" in words[0]
    assert "<bdi>James Bond</bdi> · online" in words[1]
    assert "<bdi>James Bond</bdi> has ended the chat." in words[2]
    assert 'data-open="false"' in words[2]


def _consumer_words(office: Office, session_id: int) -> str:
    with office.database.read() as connection:
        shown = conversation.load(connection, repository.get(connection, session_id), office.clock.now())
    return conversation_fragments.regions(shown)["chat-state"]
