"""Run by pytest on CPython and by tests/static/run_on_micropython.mjs on MicroPython: so no pytest in here."""

from patchbay import Registry
from patchbay.dispatch import Seen
from patchbay.testing import Desk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from patchbay import Event, Shell

CHAT = {"chat_id": 73522, "session_type": "Messaging (Web)"}


def test_a_handler_gets_type_data_and_meta() -> None:
    registry = Registry()
    got: "list[Event]" = []
    registry.on("New_Chat")(lambda event, shell: got.append(event))
    Desk(registry).send("New_Chat", CHAT, id="01HX", seq=7)
    assert [event.type for event in got] == ["New_Chat"]
    assert got[0].data == CHAT
    assert got[0].meta == {"id": "01HX", "seq": 7}


def test_several_handlers_of_a_type_are_called_in_order_and_others_are_not() -> None:
    registry = Registry()
    called: "list[str]" = []
    registry.on("New_Chat")(lambda event, shell: called.append("first"))
    registry.on("End_Chat")(lambda event, shell: called.append("another type"))
    registry.on("*")(lambda event, shell: called.append("all"))
    registry.on("New_Chat", "New_Call")(lambda event, shell: called.append("last"))
    Desk(registry).send("New_Chat", CHAT)
    assert called == ["first", "all", "last"]


def test_an_async_handler_is_run() -> None:
    registry = Registry()

    @registry.on("New_Chat")
    async def greet(event: "Event", shell: "Shell") -> None:
        shell.notify("chat " + str(event.data["chat_id"]))

    desk = Desk(registry)
    desk.send("New_Chat", CHAT)
    assert desk.page.notified == ["chat 73522"]


def test_a_handler_that_raises_is_reported_with_its_traceback_and_stops_nobody() -> None:
    registry = Registry()
    called: "list[str]" = []

    @registry.on("New_Chat")
    def forgetful(event: "Event", shell: "Shell") -> None:
        raise KeyError("missing-key")

    @registry.on("New_Chat")
    async def slow(event: "Event", shell: "Shell") -> None:
        raise ValueError("later")

    registry.on("New_Chat")(lambda event, shell: called.append("next"))
    desk = Desk(registry)
    desk.send("New_Chat", CHAT)
    desk.send("New_Chat", CHAT)
    assert called == ["next", "next"]
    assert [line for kind, line, detail in desk.page.logged][:2] == [
        "forgetful failed on New_Chat: KeyError",
        "slow failed on New_Chat: ValueError",
    ]
    details = [detail for kind, line, detail in desk.page.logged]
    assert "missing-key" in details[0]
    assert "Traceback" in details[0]
    assert "forgetful" in details[0]
    assert "later" in details[1]


def test_a_handler_that_exits_stops_nobody() -> None:
    registry = Registry()

    @registry.on("New_Chat")
    def leave(event: "Event", shell: "Shell") -> None:
        raise SystemExit(1)

    desk = Desk(registry)
    desk.send("New_Chat", CHAT)
    assert [kind for kind, line, detail in desk.page.logged] == ["error"]


def test_an_event_that_comes_twice_is_handled_once() -> None:
    registry = Registry()
    called: "list[bool]" = []
    registry.on("New_Chat")(lambda event, shell: called.append(event.replayed))
    desk = Desk(registry)
    desk.send("New_Chat", CHAT, id="01HX", replayed=False)
    desk.send("New_Chat", CHAT, id="01HX", replayed=True)
    desk.send("New_Chat", CHAT, id="01HY", replayed=True)
    assert called == [False, True]


def test_events_without_an_id_are_all_handled() -> None:
    registry = Registry()
    called: "list[str]" = []
    registry.on("New_Chat")(lambda event, shell: called.append(event.type))
    desk = Desk(registry)
    desk.receive('{"type": "New_Chat", "data": {"chat_id": 1}}')
    desk.receive('{"type": "New_Chat", "data": {"chat_id": 1}, "meta": {"id": 5}}')
    assert called == ["New_Chat", "New_Chat"]


def test_what_is_no_event_is_refused_with_its_reason() -> None:
    desk = Desk(Registry())
    for text in ('{"type": "webpackOk"}', '{"type": "New_Chat", "data": {}}', "7", "[]", "null", '"New_Chat"'):
        desk.receive(text, "call_adapter")
    assert desk.page.refused == [
        ("no event of ours", "call_adapter"),
        ("New_Chat without chat_id", "call_adapter"),
        ("no object", "call_adapter"),
        ("no object", "call_adapter"),
        ("no object", "call_adapter"),
        ("no object", "call_adapter"),
    ]


def test_a_thousand_events_come_in_order() -> None:
    registry = Registry()
    got: "list[int]" = []
    registry.on("New_Chat")(lambda event, shell: got.append(event.data["chat_id"]))
    desk = Desk(registry)
    for number in range(1000):
        desk.send("New_Chat", {"chat_id": number}, id="event-" + str(number))
    assert got == list(range(1000))


def test_only_the_latest_ids_are_remembered() -> None:
    seen = Seen(10)
    assert all(seen.add("id-" + str(number)) for number in range(100))
    assert not seen.add("id-99")
    assert not seen.add("id-90")
    assert seen.add("id-5")
    assert len(seen._young) + len(seen._old) <= 20
