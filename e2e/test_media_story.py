"""A consumer shows what is broken: photos and a video, which the agent sees at once."""

import io
import subprocess
from pathlib import Path

import pytest
from PIL import Image
from PIL.Image import Exif
from playwright.sync_api import FilePayload, Page, expect

from e2e.pages.consumer import ConsumerPage
from e2e.pages.shell import ShellPage
from e2e.product import Product
from e2e.waiting import eventually

DATABASES = ("sqlite", "postgresql")
PLACE = b"52.5200 N 13.4050 E"


@pytest.fixture
def video(tmp_path: Path) -> FilePayload:
    path = tmp_path / "film.mp4"
    source = ["-f", "lavfi", "-i", "testsrc=duration=2:size=320x240:rate=10"]
    notes = ["-metadata", f"location={PLACE.decode()}", "-metadata", f"title={PLACE.decode()}"]
    made = ["ffmpeg", "-loglevel", "error", *source, "-pix_fmt", "yuv420p", *notes, str(path)]
    subprocess.run(made, check=True)
    assert PLACE in path.read_bytes()
    return {"name": "film.mp4", "mimeType": "video/mp4", "buffer": path.read_bytes()}


def photo(name: str = "IMG_0001.jpg") -> FilePayload:
    exif, out = Exif(), io.BytesIO()
    exif[0x010E] = PLACE.decode()
    image = Image.linear_gradient("L").resize((640, 480))
    Image.merge("RGB", (image, image.rotate(180), image)).save(out, "JPEG", exif=exif)
    return {"name": name, "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_photo_and_video_are_seen_during_the_chat_and_are_files_of_the_session(
    shell: ShellPage, consumer: ConsumerPage, product: Product, video: FilePayload
) -> None:
    consumer.start_chat("Felix Leiter", "+12125550171")
    shell.chat.answer()
    attach(consumer.page, photo())
    expect(shell.chat.conversation.get_by_role("img", name="IMG_0001.jpg")).to_be_visible()
    attach(consumer.page, video)
    for conversation in (shell.chat.conversation, consumer.conversation):
        player = conversation.locator("video")
        expect(player).to_be_in_viewport(ratio=0.3)
        assert player.evaluate(LENGTH) == pytest.approx(2, abs=0.2)
    attach(consumer.page, {"name": "film.mp4", "mimeType": "video/mp4", "buffer": b"<script>alert(1)</script>"})
    expect(consumer.page.get_by_text("“film.mp4” can't be sent")).to_be_visible()
    sent = [path.read_bytes() for path in (product.folder / "attachments").iterdir()]
    assert len(sent) == 2
    assert not any(PLACE in content for content in sent)

    shell.chat.end()
    chat_id = int(shell.events("New_Chat")[-1]["data"]["chat_id"])
    photos, videos = (product.chat(chat_id)[name] for name in ("photos", "videos"))
    assert [(each["id"], each["photo_type"]) for each in photos] == [(1, "photo")]
    assert [each["id"] for each in videos] == [2]
    stored = product.folder / "files" / "ujet-media"
    names = {f"chat-{chat_id}-photo-1.jpg", f"chat-{chat_id}-video-2.mp4"}
    eventually(lambda: stored.is_dir() and names <= {path.name for path in stored.iterdir()}, what="both are stored")


LENGTH = """async (video) => {
  if (video.readyState < 1) await new Promise((done) => video.addEventListener("loadedmetadata", done));
  return video.duration;
}"""


def attach(page: Page, file: FilePayload) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach").click()
    chooser.value.set_files(file)
