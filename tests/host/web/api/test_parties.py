"""Parties and virtual agents through the platform API."""

from typing import Any

import pytest

from host.events.tabs import Tab
from tests.host.web.api.conftest import Gateway


@pytest.fixture
def call(gateway: Gateway) -> dict[str, Any]:
    """A connected call of James."""
    gateway.services.agents.arrive(Tab("connection", 1, "call", "tab-1"))
    gateway.services.agents.set_status(1, "Available")
    started = gateway.start("/calls", queue="Developers / James")
    gateway.services.actions.offers.answer(started["id"], 1)
    return started


def test_a_gateway_adds_a_phone_number(gateway: Gateway, call: dict[str, Any]) -> None:
    path = f"/calls/{call['id']}/add_party"
    assert gateway.post(path, {"phone": "+12223334445"}).status_code == 200
    for wrong in ({}, {"phone": "+12223334445", "agent_email": "agent@example.com"}):
        assert gateway.post(path, wrong).json["fields"] == {"agent_email": "give either agent_email or phone"}
    refused = gateway.post(path, {"agent_email": "nobody@example.com"})
    assert "must be the e-mail of one of our agents" in refused.json["fields"]["agent_email"]
    gateway.post(f"/calls/{call['id']}/end")
    assert gateway.post(path, {"phone": "+12223334445"}).status_code == 409


def test_a_virtual_agent_joins(gateway: Gateway, call: dict[str, Any]) -> None:
    path = f"/calls/{call['id']}/virtual_agent"
    assert gateway.post(path, {"id": 7, "name": "Q"}).status_code == 200
    assert gateway.post(path, {"name": "Q"}).status_code == 422
    assert gateway.post("/calls/999/virtual_agent", {"id": 7, "name": "Q"}).status_code == 404
