"""Files of sessions in the whole application: who may fetch them, by which address, in which parts."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from host import services as wiring
from host.app import create_app
from host.config import Config
from host.db.engine import Database
from host.db.tables import sessions
from host.deliveries import deliveries
from host.file_kinds import FileKind
from host.files import session_files
from host.files.session_files import NewSessionFile, SessionFile
from host.queues import tree
from host.services import Services
from host.sessions.chats import NewChat
from host.users import directory
from host.users.roles import Role
from tests.clock import FrozenClock
from tests.databases import lay_migrated_tables
from tests.host.web.people import PAGE, PASSWORD, sign_in

SOUND = bytes(range(256)) * 4


class Site:
    def __init__(self, app: Flask, services: Services, clock: FrozenClock) -> None:
        self.app, self.services, self.clock = app, services, clock
        with services.database.write() as connection:
            self.agent = directory.upsert(
                connection, "agent@example.com", name="James", roles=["agent"], password=PASSWORD
            )
            tree.upsert(connection, ("Support",))
        session, _ = services.chats.start(NewChat(queue="Support", name="Ada"))
        self.session_id = session.id

    def client(self, email: str, role: Role) -> FlaskClient:
        with self.services.database.write() as connection:
            directory.upsert(connection, email, name="M", roles=[role], password=PASSWORD)
        client = self.app.test_client()
        assert sign_in(client, email).status_code == 303
        return client

    def add(self, content: bytes = SOUND, kind: FileKind = "videos", media_type: str = "video/mp4") -> SessionFile:
        stored = self.services.files.content.store_bytes(content)
        new = NewSessionFile(kind, "chat-1-video-7.mp4", media_type, *stored[1:], stored.path, "7")
        with self.services.database.write() as connection:
            return session_files.add(connection, self.session_id, new, now=self.clock.now())

    def signed(self, client: FlaskClient, file: SessionFile) -> str:
        answer = client.get(f"/files/{file.key}", headers=PAGE)
        assert answer.status_code == 302
        return answer.headers["Location"]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    config = Config.from_env({}, data=tmp_path)
    database = Database(config.database_url)
    lay_migrated_tables(database)
    database.close()
    clock = FrozenClock()
    services = wiring.build(config, clock=clock)
    yield Site(create_app(config, services), services, clock)
    services.stop()


def test_a_supervisor_gets_a_file_by_its_permanent_address(site: Site) -> None:
    file = site.add()
    answer = site.client("boss@example.com", "supervisor").get(f"/files/{file.key}", follow_redirects=True)
    assert (answer.data, answer.content_type) == (SOUND, "video/mp4")
    assert answer.headers["Content-Disposition"] == "inline; filename=chat-1-video-7.mp4"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_nobody_else_gets_it(site: Site) -> None:
    file = site.add()
    nobody = site.app.test_client().get(f"/files/{file.key}", headers={"Accept": "application/json"})
    other = site.client("other@example.com", "agent").get(f"/files/{file.key}")
    guessed = site.client("boss@example.com", "admin").get(f"/files/{'x' * 32}")
    assert (nobody.status_code, other.status_code, guessed.status_code) == (401, 404, 404)


def test_the_agent_of_the_session_gets_it(site: Site) -> None:
    file = site.add()
    with site.services.database.write() as connection:
        connection.execute(update(sessions).values(agent_id=site.agent.id))
    assert site.client("agent@example.com", "agent").get(f"/files/{file.key}").status_code == 302


def test_a_signed_address_ends_after_an_hour_and_can_not_be_changed(site: Site) -> None:
    address = site.signed(site.client("boss@example.com", "admin"), site.add())
    anybody = site.app.test_client()
    assert anybody.get(address).status_code == 200
    assert anybody.get(address.replace("/content/", "/content/x")).status_code == 404
    assert anybody.get(address.replace("video-7", "video-8")).status_code == 404
    site.clock.forward(timedelta(minutes=61))
    assert "expired" in anybody.get(address, headers={"Accept": "application/json"}).text


@pytest.mark.parametrize(
    ("asked", "status", "content", "about"),
    [
        ("bytes=0-9", 206, SOUND[:10], "bytes 0-9/1024"),
        ("bytes=1000-", 206, SOUND[1000:], "bytes 1000-1023/1024"),
        ("bytes=-24", 206, SOUND[1000:], "bytes 1000-1023/1024"),
        ("bytes=1000-5000", 206, SOUND[1000:], "bytes 1000-1023/1024"),
        ("bytes=5000-", 416, b"", "bytes */1024"),
        ("bytes=0-1,5-6", 200, SOUND, None),
        ("lines=0-1", 200, SOUND, None),
        ("nonsense", 200, SOUND, None),
    ],
)
def test_ranges(site: Site, asked: str, status: int, content: bytes, about: str | None) -> None:
    address = site.signed(site.client("boss@example.com", "admin"), site.add())
    answer = site.app.test_client().get(address, headers={"Range": asked})
    assert (answer.status_code, answer.data, answer.headers.get("Content-Range")) == (status, content, about)
    if status != 416:
        assert answer.headers["Content-Length"] == str(len(content))


def test_a_range_of_an_older_version_is_the_whole_newer_one(site: Site) -> None:
    address = site.signed(site.client("boss@example.com", "admin"), site.add())
    client = site.app.test_client()
    etag = client.get(address).headers["ETag"]
    part = {"Range": "bytes=0-0", "If-Range": etag}
    assert client.get(address, headers=part).status_code == 206
    site.add(b"rewritten")
    newer = client.get(address, headers=part)
    assert (newer.status_code, newer.data) == (200, b"rewritten")


def test_a_head_has_no_body(site: Site) -> None:
    address = site.signed(site.client("boss@example.com", "admin"), site.add())
    answer = site.app.test_client().head(address)
    assert (answer.headers["Content-Length"], answer.data) == ("1024", b"")


def test_what_only_the_storage_has_comes_from_there(site: Site) -> None:
    file = site.add()
    with site.services.database.write() as connection:
        deliveries.plan_file(connection, file, site.clock.now())
        [delivery] = deliveries.take(connection, "storage", site.clock.now(), 1)
    site.services.files.courier.deliver(delivery.id, delivery.run)
    address = site.signed(site.client("boss@example.com", "admin"), file)
    with site.services.database.write() as connection:
        assert session_files.drop_content(connection, file)
    answer = site.app.test_client().get(address, headers={"Range": "bytes=10-19"})
    assert (answer.status_code, answer.data) == (206, SOUND[10:20])


def test_what_nobody_has_any_more_is_not_there(site: Site) -> None:
    file = site.add()
    address = site.signed(site.client("boss@example.com", "admin"), file)
    with site.services.database.write() as connection:
        session_files.drop_content(connection, file)
    assert site.app.test_client().get(address).status_code == 404


def test_other_types_are_downloads(site: Site) -> None:
    file = site.add(b"Hi!", "chat_transcripts", "text/plain")
    answer = site.client("boss@example.com", "admin").get(f"/files/{file.key}", follow_redirects=True)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.content_type == "text/plain; charset=utf-8"
