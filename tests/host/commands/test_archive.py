"""Archives: only regular files under known names come out, whatever is in them."""

import contextlib
import gzip
import io
import os
import tarfile
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from host.commands import archive
from host.commands.backup import _is_known
from host.errors import ConfigError

MOST = 8 * 1024 * 1024


def entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", size: int = 0) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.size = kind, target, size
    return made


def written(file: Path, *entries: tarfile.TarInfo) -> Path:
    """Write an archive as nobody's program would."""
    with tarfile.open(file, "w:gz") as made:
        for each in entries:
            made.addfile(each, io.BytesIO(b"x" * each.size) if each.size else None)
    return file


NAMES = (
    "../outside",
    "/outside",
    "data/../../outside",
    "data/./file",
    "data//file",
    "data/",
    "data",
    "./data/file",
    "notes.txt",
    "manifest.json/x",
    "database/x",
    "data/serve.lock",
    "data/patchbay.db-wal",
    "data/.restore-1/file",
    "data/" + "a/" * 3000 + "b",
    "",
)


@pytest.mark.parametrize("name", NAMES)
def test_refuses_names_that_do_not_belong_there(name: str, tmp_path: Path) -> None:
    file, place = written(tmp_path / "a.tar.gz", entry(name, size=3)), tmp_path / "place"
    place.mkdir()
    with pytest.raises(ConfigError, match="nothing was changed"):
        archive.extract(file, place, _is_known, MOST)
    assert [each.name for each in tmp_path.rglob("*")] in (["a.tar.gz", "place"], ["place", "a.tar.gz"])


KINDS = {
    "a link": entry("data/a", tarfile.SYMTYPE, "/etc/passwd"),
    "a hard link": entry("data/a", tarfile.LNKTYPE, "manifest.json"),
    "a folder": entry("data/a", tarfile.DIRTYPE),
    "a pipe": entry("data/a", tarfile.FIFOTYPE),
    "a device": entry("data/a", tarfile.CHRTYPE),
    "a block device": entry("data/a", tarfile.BLKTYPE),
    "a contiguous file": entry("data/a", tarfile.CONTTYPE),
    "an unknown kind": entry("data/a", b"Z"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_refuses_what_is_no_regular_file(kind: str, tmp_path: Path) -> None:
    file, place = written(tmp_path / "a.tar.gz", KINDS[kind]), tmp_path / "place"
    place.mkdir()
    with pytest.raises(ConfigError, match="no regular file"):
        archive.extract(file, place, _is_known, MOST)
    assert not list(place.iterdir())


def test_nothing_goes_through_a_link_of_the_archive(tmp_path: Path) -> None:
    through = entry("data/out/file", size=3)
    file = written(tmp_path / "a.tar.gz", entry("data/out", tarfile.SYMTYPE, str(tmp_path)), through)
    place = tmp_path / "place"
    place.mkdir()
    with pytest.raises(ConfigError, match="data/out"):
        archive.extract(file, place, _is_known, MOST)
    assert not (tmp_path / "file").exists()


def test_the_same_name_twice_is_refused(tmp_path: Path) -> None:
    file, place = written(tmp_path / "a.tar.gz", entry("data/a", size=1), entry("data/a", size=2)), tmp_path / "place"
    with pytest.raises(ConfigError, match="FileExistsError"):
        archive.extract(file, place, _is_known, MOST)


def header(**values: bytes) -> bytes:
    """Write one header by hand, with a size or a kind that no program writes."""
    made = bytearray(entry("data/a", size=5).tobuf(tarfile.USTAR_FORMAT))
    places = {"size": (124, 12), "kind": (156, 1)}
    for name, value in values.items():
        start, length = places[name]
        made[start : start + length] = value.ljust(length, b"\0")
    made[148:156] = b" " * 8
    made[148:156] = b"%06o\0 " % sum(made)
    return bytes(made)


HEADERS = {
    "more than there is": header(size=b"00007777777"),
    "less than nothing": header(size=b"\xff" * 12),
    "a name of gigabytes": header(size=b"37777777777", kind=b"L"),
    "a link's name of gigabytes": header(size=b"37777777777", kind=b"K"),
    "remarks of gigabytes": header(size=b"37777777777", kind=b"x"),
    "remarks of less than nothing": header(size=b"\xff" * 12, kind=b"x"),
    "remarks about all files": header(size=b"37777777777", kind=b"g"),
    "a sparse file": header(kind=b"S"),
}


@pytest.mark.parametrize("what", HEADERS)
@pytest.mark.timeout(20)
def test_a_header_can_promise_what_it_likes(what: str, tmp_path: Path) -> None:
    file, place = tmp_path / "a.tar.gz", tmp_path / "place"
    file.write_bytes(gzip.compress(HEADERS[what] + b"hello".ljust(512, b"\0") + b"\0" * 1024))
    with pytest.raises(ConfigError, match="nothing was changed"):
        archive.extract(file, place, _is_known, MOST)


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK])
def test_headers_that_only_tell_of_the_next_header_come_to_an_end(kind: bytes, tmp_path: Path) -> None:
    told = entry("more", kind, size=11).tobuf() + b"11 path=ab\n".ljust(512, b"\0")
    file, place = tmp_path / "a.tar.gz", tmp_path / "place"
    file.write_bytes(gzip.compress(told * 3000 + bytes(1024)))
    place.mkdir()
    with pytest.raises(ConfigError, match="nothing was changed"):
        archive.extract(file, place, _is_known, MOST)


def test_what_does_not_fit_is_refused_before_it_is_written(tmp_path: Path) -> None:
    file, place = written(tmp_path / "a.tar.gz", entry("data/a", size=100), entry("data/b", size=5_000_000)), tmp_path
    assert file.stat().st_size < 10_000
    with pytest.raises(ConfigError, match="more than 1000000 bytes"):
        archive.extract(file, place / "place", _is_known, 1_000_000)
    assert not (place / "place/data/b").exists()


@pytest.mark.slow
@given(where=st.integers(0, 400), what=st.binary(min_size=1, max_size=40))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_an_archive_that_was_changed_is_read_or_refused(where: int, what: bytes, tmp_path: Path) -> None:
    good = written(tmp_path / "good.tar.gz", entry("manifest.json", size=20), entry("data/a", size=5000))
    for body in (changed(good.read_bytes(), where, what), gzip.compress(changed(plain(good), where, what), mtime=0)):
        file, place = tmp_path / "bad.tar.gz", tmp_path / f"place-{os.urandom(8).hex()}"
        file.write_bytes(body)
        with contextlib.suppress(ConfigError):
            archive.extract(file, place, _is_known, MOST)
        for each in place.rglob("*"):
            assert _is_known(PurePosixPath(each.relative_to(place))) or each.is_dir()


def plain(file: Path) -> bytes:
    return gzip.decompress(file.read_bytes())


def changed(body: bytes, where: int, what: bytes) -> bytes:
    start = where % len(body)
    return body[:start] + what + body[start + len(what) :]


def test_pipes_and_sockets_are_left_out(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with archive.open_new(tmp_path / "a.tar.gz") as made:
        archive.add(made, tmp_path / "pipe", "data/pipe")
        archive.add(made, tmp_path / "gone", "data/gone")
    archive.extract(tmp_path / "a.tar.gz", tmp_path / "place", _is_known, MOST)
    assert not (tmp_path / "place").exists()
