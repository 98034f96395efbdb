"""Whole lives of sessions, as webhooks tell them."""

from typing import Any

from host.sessions.calls import NewCall
from host.sessions.transfers import Target
from tests.host.webhooks.hooked import Hooked
from tests.host.webhooks.receiver import Receiver


def of_sessions(receiver: Receiver) -> list[dict[str, Any]]:
    told = [each.body for each in receiver.received if "session_id" in each.body["data"]]
    return sorted(told, key=lambda body: int(body["data"]["sequence"]))


def test_a_call_that_is_held_transferred_and_wrapped_up(host: Hooked, receiver: Receiver) -> None:
    world = host.world
    for agent in (world.james, world.eve):
        world.arrive(agent, adapter="call")
    call = world.calls.start(NewCall(queue="Developers / James"))[0].id
    world.offers.answer(call, world.james)
    world.actions.controls.hold(call, world.james)
    world.actions.controls.resume(call, world.james)
    world.actions.transfers.transfer(call, world.james, Target("agent", world.eve), is_warm=False)
    world.offers.answer(call, world.eve)
    world.calls.end(call, by="end_user")
    world.actions.wrap_ups.finish(call, world.eve, None, "")
    host.send()

    told = of_sessions(receiver)
    assert [(body["type"].partition(".")[2], body["data"].get("status")) for body in told] == [
        ("created", "queued"),
        ("offered", "assigned"),
        ("connected", "connected"),
        ("held", None),
        ("resumed", None),
        ("queued", "requeued"),
        ("offered", "assigned"),
        ("transferred", None),
        ("connected", "connected"),
        ("ended", "finished"),
        ("wrapped_up", None),
    ]
    by_type = {body["type"]: body["data"] for body in told}
    assert by_type["session.ended"]["by"] == "end_user"
    assert by_type["session.transferred"]["transfer_id"] == 1
    assert by_type["session.wrapped_up"]["agent"]["id"] == world.eve
