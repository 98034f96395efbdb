"""Who goes when too many connections wait."""

from host.web.server.waiting_connections import Waiting


def test_who_waits_makes_room_for_their_own_kind() -> None:
    waiting: Waiting[str] = Waiting(most_of_one=2, most=4)
    assert [waiting.add(name, "192.0.2.1") for name in "abc"] == [None, None, "a"]
    waiting.remove("a")
    assert [waiting.add(name, None) for name in "de"] == [None, None]
    assert waiting.add("f", None) == "b"
