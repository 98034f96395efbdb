"""The process of its own; what it makes of images is tested in test_reencoding.py."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from host.errors import NoRoomError
from host.media import images
from host.media.images import UnfitImageError, clean
from tests.host.media.pictures import SECRET, photo_of_a_telephone


def test_it_writes_image_and_photo(tmp_path: Path) -> None:
    source, target, photo = (tmp_path / name for name in ("source", "target", "photo"))
    source.write_bytes(photo_of_a_telephone())
    clean(source, "jpg", target, photo)
    for path in (target, photo):
        assert SECRET not in path.read_bytes()
        with Image.open(path) as image:
            assert image.format == "JPEG"


def test_what_is_no_image_is_told(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"<script>")
    with pytest.raises(UnfitImageError, match="something else, or broken"):
        clean(source, "png", tmp_path / "target")


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(photo_of_a_telephone())
    with pytest.raises(NoRoomError):
        clean(source, "jpg", Path("/dev/full"))


def test_one_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "source"
    source.write_bytes(photo_of_a_telephone())
    monkeypatch.setattr(images, "PATIENCE_S", 0)
    with pytest.raises(UnfitImageError, match="it can't be read"):
        clean(source, "jpg", tmp_path / "target")


def test_gevent_waits_for_the_process_while_others_go_on(tmp_path: Path) -> None:
    source, program = tmp_path / "source.jpg", tmp_path / "program.py"
    source.write_bytes(photo_of_a_telephone())
    program.write_text(IN_A_WORKER)
    made = subprocess.run([sys.executable, program, source, tmp_path / "target"], check=True, capture_output=True)
    rounds, size_bytes = map(int, made.stdout.split())
    assert rounds > 2
    assert size_bytes == (tmp_path / "target").stat().st_size > 0


IN_A_WORKER = """
from gevent import monkey
monkey.patch_all()
import os, signal, sys, gevent
from pathlib import Path
from host.media import images

gevent.get_hub().loop.install_sigchld()
signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # as gunicorn does
rounds = 0

def others():
    global rounds
    while True:
        rounds += 1
        gevent.sleep(0.01)

gevent.spawn(others)
images.clean(Path(sys.argv[1]), "jpg", Path(sys.argv[2]))
print(rounds, os.path.getsize(sys.argv[2]))
"""


def test_an_image_does_not_wait_for_ever_for_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "PATIENCE_S", 0.01)
    for _ in range(images.PROCESSES):
        images._free.acquire()
    try:
        with pytest.raises(UnfitImageError, match="try again in a minute"):
            clean(tmp_path / "source", "png", tmp_path / "target")
    finally:
        for _ in range(images.PROCESSES):
            images._free.release()
