"""A CRM that answers with anything at all: every step has a state, every page works, nobody gets a second account."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from host import services as wiring
from host.app import create_app
from host.config import Config
from host.crm.http import circuit_breaker
from host.db.engine import Database
from host.services import Services
from host.settings.document.model import Settings
from host.users import directory
from tests.databases import lay_migrated_tables
from tests.host.crm.crm_settings import updating
from tests.host.crm.odd_crm import OddCrm, odd_crm
from tests.host.crm.story import Story
from tests.host.web.conftest import FakeSettings
from tests.host.web.people import PAGE, PASSWORD, sign_in

SETTLED = {"done", "waiting", "failed"}
PAGES = ("/agent/?type=chat&from=custom", "/portal/deliveries")


@dataclass
class Site:
    """The application on the database in which the story happens."""

    services: Services
    story: Story
    crm: OddCrm
    app: Flask
    doubled: list[str] = field(default_factory=list)

    def tell(self, number: int) -> int:
        """Let a caller come, be answered, send a photo and go, while the CRM answers some requests oddly."""
        phone = f"+1222{number:07}"
        is_known = number % 2 == 0
        if is_known:
            self.crm.create("accounts", {"phone": phone, "name": f"Caller {number}"}, f"before-{number}")
        odd = 2 + number % 7
        self.crm.said_absent, self.crm.left = False, odd if number % 3 == 0 else 0
        self.story.world.arrive(self.story.james, f"tab-{number:05}")
        session_id = self.story.start({"name": f"Caller {number}", "phone": phone})
        self._let_pass(session_id, timedelta(seconds=2), times=4)
        self.crm.left = self.crm.left or odd  # two thirds of the callers have a record by now
        self.story.answer(session_id)
        self.story.upload(session_id)
        self.story.end(session_id)
        self._let_pass(session_id, timedelta(seconds=60), times=6)
        self.crm.left = 0
        self._let_pass(session_id, timedelta(seconds=300), times=8)
        accounts = sum(row.get("phone") == phone for row in self.crm.rows["accounts"])
        if accounts > 1 and not (is_known and self.crm.said_absent):
            self.doubled.append(f"caller {number}: {accounts} accounts\n{self.story.decisions_of(session_id)}")
        return session_id

    def check_pages(self) -> None:
        browser = self.app.test_client()
        assert sign_in(browser).status_code == 303
        for path in PAGES:
            assert browser.get(path, headers=PAGE).status_code == 200, path

    def _let_pass(self, session_id: int, step: timedelta, *, times: int) -> None:
        for _ in range(times):
            self.story.runner.run_session(session_id)
            self.story.clock.forward(step)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(circuit_breaker, "FAIL_MAX", 1_000_000)  # an open breaker would keep the odd answers away
    config = Config.from_env({}, data=tmp_path)
    database = Database(config.database_url)
    lay_migrated_tables(database)
    with odd_crm(seed=9) as crm:
        settings = updating(crm, comment_on=["start", "end"], update_on=["connected", "end"])
        story = Story(database, settings, tmp_path)
        services = replace(
            wiring.build(config, clock=story.clock),
            settings=FakeSettings(Settings(crm=settings)),  # type: ignore[arg-type]
        )
        with database.write() as connection:
            directory.upsert(
                connection, "agent@example.com", name="James Bond", roles=["agent", "admin"], password=PASSWORD
            )
        yield Site(services, story, crm, create_app(config, services))
        services.stop()
        story.runner.close()
    database.close()


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("count", [100, pytest.param(10_000, marks=pytest.mark.drill)])
def test_odd_answers_leave_every_step_with_a_state(site: Site, count: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    number = 0
    states: dict[str, int] = {}
    while site.crm.given < count:
        session_id = site.tell(number)
        for step, state in settled(site.story.states(session_id)).items():
            assert state in SETTLED, (number, step, state, site.story.decisions_of(session_id))
            states[state] = states.get(state, 0) + 1
        card = site.story.card(session_id)
        assert all(step.words for step in (*card.steps, *card.events)), number
        assert not [entry.getMessage() for entry in caplog.records if entry.levelno >= logging.ERROR], number
        number += 1
        if number % 40 == 0:
            site.check_pages()
    site.check_pages()
    print(f"{site.crm.given} odd answers, {number} callers, steps: {states}, doubled: {len(site.doubled)}")
    assert site.doubled == []


def settled(states: dict[str, str]) -> dict[str, str]:
    """Return the state of each step; what waits for an account or a record that has not come, has that one's state."""
    account, record = states["account"], states.get("record", "done")
    before = account if account != "done" else record
    return {step: before if state == "due" and before != "done" else state for step, state in states.items()}
