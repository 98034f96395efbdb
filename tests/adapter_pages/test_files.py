"""Files that consumer and agent send each other, and quick replies."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import FilePayload, Page, expect

from host.queues import tree
from host.sessions.attachment_files import AttachmentFiles
from host.users import directory
from tests.adapter_pages.browser import PASSWORD, PageServices, Script, Watch, pages_app, services_of, wait_until
from tests.adapter_pages.conftest import Office
from tests.host.media.pictures import picture, video

CHAT = "/agent/?type=chat&from=custom"
HOST = "https://localhost"
PNG = picture("PNG", (120, 80))


class Browser:
    """One browser, signed in or with a chat."""

    def __init__(self, services: PageServices) -> None:
        app = pages_app(services, with_assets=False)
        app.config["WTF_CSRF_SSL_STRICT"] = False
        self.client: FlaskClient = app.test_client()
        self.client.environ_base["wsgi.url_scheme"] = "https"

    def get(self, path: str) -> Any:
        return self.client.get(path, base_url=HOST, buffered=True)

    def csrf(self, path: str) -> str:
        found = re.search(r'"csrf": "([^"]+)"', self.get(path).text)
        assert found
        return found[1]

    def send(self, path: str, page: str, name: str, content: bytes, **headers: str) -> Any:
        data = {"id": "a1", "file": (BytesIO(content), name)}
        return self.client.post(path, base_url=HOST, data=data, headers={"X-CSRF-Token": self.csrf(page), **headers})

    def sign_in(self, email: str = "agent@example.com") -> "Browser":
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(CHAT).text)
        assert found
        form = {"email": email, "password": PASSWORD, "next": CHAT, "csrf_token": found[1]}
        self.client.post("/sign-in", data=form, base_url=HOST, headers={"Referer": HOST})
        return self

    def start_chat(self) -> "Browser":
        token = self.csrf("/consumer/")
        self.client.post(
            "/consumer/chats", json={"queue": "Support / Web"}, base_url=HOST, headers={"X-CSRF-Token": token}
        )
        return self


@pytest.fixture
def services(office: Office, tmp_path: Path) -> PageServices:
    return services_of(office, tmp_path)


def test_a_consumers_file_is_for_them_and_their_agent_only(office: Office, services: PageServices) -> None:
    consumer = Browser(services).start_chat()
    answer = consumer.send("/consumer/attachments", "/consumer/", "photo.png", PNG)
    assert answer.status_code == 201
    [offer] = office.desk().offers
    office.offers.answer(offer.about.session_id, office.agent_id)
    agent = Browser(services).sign_in()
    assert 'src="/agent/attachments/1"' in agent.get(CHAT).text
    assert 'src="/consumer/attachments/1"' in consumer.get("/consumer/").text
    for browser, path in ((agent, "/agent/attachments/1"), (consumer, "/consumer/attachments/1")):
        file = browser.get(path)
        assert (file.status_code, file.headers["Content-Type"]) == (200, "image/png")
        assert file.data.startswith(b"\x89PNG")
        assert file.headers["Content-Disposition"] == "inline; filename=photo.png"
        assert file.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in file.headers["Content-Security-Policy"]
        assert "unsafe" not in file.headers["Content-Security-Policy"]
    with office.database.write() as connection:
        directory.upsert(connection, "eve@example.com", name="Eve", roles=["agent"], password=PASSWORD)
    stranger = Browser(services).start_chat()
    assert stranger.get("/consumer/attachments/1").status_code == 404
    assert Browser(services).sign_in("eve@example.com").get("/agent/attachments/1").status_code == 404
    assert Browser(services).get("/consumer/attachments/1").status_code == 401
    assert Browser(services).get("/agent/attachments/1").status_code == 401


def test_a_consumers_video_is_played_in_ranges(office: Office, services: PageServices) -> None:
    consumer = Browser(services).start_chat()
    assert consumer.send("/consumer/attachments", "/consumer/", "film.mp4", video()).status_code == 201
    [offer] = office.desk().offers
    office.offers.answer(offer.about.session_id, office.agent_id)
    agent = Browser(services).sign_in()
    for browser, page, place in ((agent, CHAT, "agent"), (consumer, "/consumer/", "consumer")):
        assert f'<video class="file-video" src="/{place}/attachments/1"' in browser.get(page).text
    whole = agent.get("/agent/attachments/1")
    assert (whole.data, whole.headers["Content-Type"]) == (video(), "video/mp4")
    assert whole.headers["Content-Disposition"] == "inline; filename=film.mp4"
    part = agent.client.get("/agent/attachments/1", base_url=HOST, headers={"Range": "bytes=4-7"}, buffered=True)
    assert (part.status_code, part.data) == (206, b"ftyp")


class Upload:
    """The body of an upload of two gigabytes, which counts what is read."""

    def __init__(self, name: str) -> None:
        head = '--b\r\nContent-Disposition: form-data; name="id"\r\n\r\na1\r\n--b\r\n'
        head += f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        self.head, self.left, self.read_bytes = head.encode(), 2 * 1024**3, 0

    def read(self, size: int = -1) -> bytes:
        piece, self.head = (self.head[:size], self.head[size:]) if self.head else (bytes(min(size, self.left)), b"")
        self.left -= len(piece)
        self.read_bytes += len(piece)
        return piece


@pytest.mark.parametrize("tells_length", [True, False])
@pytest.mark.slow
def test_an_upload_of_two_gigabytes_is_refused_while_it_comes(
    office: Office, services: PageServices, *, tells_length: bool
) -> None:
    consumer, body = Browser(services).start_chat(), Upload("film.mp4")
    length = {"CONTENT_LENGTH": str(2 * 1024**3)} if tells_length else {"wsgi.input_terminated": True}
    answer = consumer.client.post(
        "/consumer/attachments",
        base_url=HOST,
        content_type="multipart/form-data; boundary=b",
        headers={"X-CSRF-Token": consumer.csrf("/consumer/"), "Accept": "application/json"},
        environ_overrides={"wsgi.input": body, **length},
    )
    assert answer.status_code == 413
    assert body.read_bytes <= (0 if tells_length else 102 * 1024**2)
    assert [path for path in services.config.data.rglob("attachments/*") if path.is_file()] == []
    assert consumer.send("/consumer/attachments", "/consumer/", "photo.png", PNG).status_code == 201


def test_a_full_disk_is_told_and_nothing_is_broken(
    office: Office, services: PageServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    consumer = Browser(services).start_chat()
    with monkeypatch.context() as full:
        full.setattr(services.chat_files, "_files", AttachmentFiles(services.config.data, reserve_bytes=10**18))
        answer = consumer.send("/consumer/attachments", "/consumer/", "photo.png", PNG, Accept="application/json")
    assert (answer.status_code, answer.json["error"], answer.json["retryable"]) == (507, "no_room", True)
    assert answer.json["message"] == "The host has no room for files at the moment; try again later."
    assert consumer.send("/consumer/attachments", "/consumer/", "photo.png", PNG).status_code == 201


def test_what_is_no_image_is_a_download(office: Office, services: PageServices) -> None:
    session_id = office.answered()
    agent = Browser(services).sign_in()
    sent = agent.send(f"/agent/sessions/{session_id}/attachments", CHAT, "Ünterlagen.txt", b"<script>")
    again = agent.send(f"/agent/sessions/{session_id}/attachments", CHAT, "Ünterlagen.txt", b"<script>")
    assert (sent.status_code, again.status_code, sent.json) == (201, 200, again.json)
    assert len(list((services.config.data / "attachments").iterdir())) == 1
    file = agent.get("/agent/attachments/1")
    assert file.headers["Content-Disposition"].startswith("attachment;")
    assert file.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "Ünterlagen.txt" in agent.get(CHAT).text


def test_refuses_other_peoples_chats_and_requests_of_other_sites(office: Office, services: PageServices) -> None:
    session_id = office.answered()
    with office.database.write() as connection:
        directory.upsert(connection, "eve@example.com", name="Eve", roles=["agent"], password=PASSWORD)
    eve = Browser(services).sign_in("eve@example.com")
    path = f"/agent/sessions/{session_id}/attachments"
    assert eve.send(path, CHAT, "a.txt", b"x").status_code == 403
    james = Browser(services).sign_in()
    assert james.send(path, CHAT, "a.txt", b"x", **{"X-CSRF-Token": "wrong"}).status_code == 400
    assert james.send(path, CHAT, "a.html", b"x").status_code == 422
    folder = services.config.data / "attachments"
    assert not folder.exists() or list(folder.iterdir()) == []


def test_an_agent_attaches_a_file(adapter: Page, office: Office, script: Script, watch: Watch) -> None:
    session_id = office.answered("Ada")
    script.show(office.desk())
    chosen: FilePayload = {"name": "photo.png", "mimeType": "image/png", "buffer": PNG}
    with adapter.expect_file_chooser() as chooser:
        adapter.get_by_role("button", name="Attach").click()
    chooser.value.set_files(chosen)
    wait_until(adapter, lambda: office.desk().chats[0].lines != (), "stored")
    script.show(office.desk())
    expect(adapter.get_by_role("img", name="photo.png")).to_be_visible()
    expect(adapter.locator(f"#chat-{session_id}-log .line")).to_have_count(1)
    assert watch.problems == []
    with adapter.expect_file_chooser() as chooser:
        adapter.get_by_role("button", name="Attach").click()
    chooser.value.set_files({"name": "page.html", "mimeType": "text/html", "buffer": b"<p>"})
    expect(adapter.get_by_text("“page.html” can't be sent")).to_be_visible()


def test_a_slash_opens_the_quick_replies(adapter: Page, office: Office, script: Script, watch: Watch) -> None:
    replies = [{"name": "hello", "text": "Hello, how can I help?"}, {"name": "bye", "text": "Thank you & goodbye"}]
    with office.database.write() as connection:
        tree.upsert(connection, ("Developers", "James"), settings={"quick_replies": replies})
    session_id = office.answered("Ada")
    script.show(office.desk())
    field, options = (
        adapter.locator(f"#chat-{session_id}-text"),
        adapter.locator(".quick-reply:visible"),
    )
    field.press_sequentially("/")
    expect(options).to_have_count(2)
    field.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", f"chat-{session_id}-reply-2")
    field.press_sequentially("hel")
    expect(options).to_have_count(1)
    field.press("Enter")
    expect(field).to_have_value("Hello, how can I help?")
    expect(options).to_have_count(0)
    assert script.acts("message") == []
    field.press("Enter")
    wait_until(adapter, lambda: bool(script.acts("message")), "message sent")
    field.press_sequentially("/by")
    adapter.get_by_role("option", name="bye").click()
    expect(field).to_have_value("Thank you & goodbye")
    field.fill("/nothing like it")
    expect(options).to_have_count(0)
    assert watch.problems == []
