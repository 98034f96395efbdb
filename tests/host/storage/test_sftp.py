import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from host.errors import StorageError
from host.storage.open_storage import open_storage
from host.storage.settings import ExternalStorage
from host.storage.sftp import SftpStorage
from host.storage.storage import Storage
from tests.host.storage.contract import PATH, StorageContract, read, write
from tests.host.storage.sshd import PASSPHRASE, PASSWORD, OpenSsh, make_key, open_ssh

Opened = Callable[..., Storage]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    with open_ssh(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@pytest.fixture
def opened(server: OpenSsh, tmp_path: Path) -> Iterator[Opened]:
    storages: list[Storage] = []

    def build(**changed: Any) -> Storage:
        sftp = {**server.settings, "host_key": server.host_key, **changed}
        settings = ExternalStorage.model_validate({"backend": "sftp", "sftp": sftp})
        storages.append(open_storage(settings, tmp_path))
        return storages[-1]

    yield build
    for storage in storages:
        storage.close()
    for path in sorted(server.folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


class TestSftpStorage(StorageContract):
    @pytest.fixture
    def storage(self, opened: Opened) -> Storage:
        return opened()

    @pytest.fixture(autouse=True)
    def _folder(self, server: OpenSsh) -> None:
        self.folder = server.folder

    def names(self, storage: Storage) -> list[str]:
        return [str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()]

    def test_replaces_what_a_killed_write_has_left(self, storage: Storage) -> None:
        draft = self.folder / "ujet-metadata/.call-103646.json.part"
        draft.parent.mkdir()
        draft.write_bytes(b"half of a longer version")
        write(storage, PATH, b"one")

        assert self.names(storage) == [PATH]

    def test_says_where_the_file_is(self, storage: Storage, server: OpenSsh) -> None:
        assert write(storage, "a b/c.txt", b"").url == f"sftp://127.0.0.1:{server.port}/a%20b/c.txt"


def test_the_folder_of_the_url_comes_first(opened: Opened, server: OpenSsh) -> None:
    storage = opened(host=f"sftp://localhost:{server.port}{server.folder}/archive/")
    write(storage, PATH, b"one")

    assert (server.folder / "archive" / PATH).read_bytes() == b"one"


def test_an_absolute_path_stays_absolute(opened: Opened, server: OpenSsh) -> None:
    write(opened(), f"{server.folder}/absolute/{PATH}", b"one")

    assert (server.folder / "absolute" / PATH).read_bytes() == b"one"


def test_signs_in_with_a_locked_key(opened: Opened, server: OpenSsh) -> None:
    write(opened(private_key=server.locked_key, passphrase=PASSPHRASE), PATH, b"one")

    assert (server.folder / PATH).read_bytes() == b"one"


@pytest.mark.skipif("__import__('os').geteuid() != 0", reason="only root can give a user a password")
def test_signs_in_with_a_password(opened: Opened, server: OpenSsh) -> None:
    write(opened(private_key="", password=PASSWORD), PATH, b"one")

    assert (server.folder / PATH).read_bytes() == b"one"


@pytest.mark.parametrize(
    ("changed", "step", "reason"),
    [
        ({"private_key": "", "password": "another"}, "sign_in", "refused the username, password or key"),
        ({"private_key": ""}, "sign_in", "neither a password nor a private key"),
        ({"private_key": "no key"}, "sign_in", "can't be read"),
        ({"username": "nobody-we-know"}, "sign_in", "refused"),
        ({"host_key": ""}, "connect", "isn't known yet; test the connection"),
        ({"port": 1}, "connect", "no connection to 127.0.0.1"),
        ({"host": "no-such-host.invalid"}, "connect", "there is no host named"),
        ({"host": "169.254.169.254"}, "connect", "which no request may go to"),
        ({"host": "10.0.0.1"}, "connect", "private address"),
    ],
)
def test_names_the_step_that_fails(opened: Opened, changed: dict[str, Any], step: str, reason: str) -> None:
    with pytest.raises(StorageError, match=reason) as caught:
        opened(**changed).size(PATH)

    assert (caught.value.step, caught.value.is_permanent) == (step, False)


def test_a_wrong_passphrase_is_told(opened: Opened, server: OpenSsh) -> None:
    with pytest.raises(StorageError, match="needs its passphrase"):
        opened(private_key=server.locked_key).size(PATH)
    with pytest.raises(StorageError, match="the passphrase doesn't fit"):
        opened(private_key=server.locked_key, passphrase="another").size(PATH)


def test_another_key_of_the_server_is_refused(opened: Opened, tmp_path: Path) -> None:
    make_key(tmp_path / "other")
    other = " ".join((tmp_path / "other.pub").read_text().split()[:2])
    with pytest.raises(StorageError, match=r"host key has changed: pinned is SHA256:\S+, found SHA256:") as caught:
        opened(host_key=other).size(PATH)

    assert caught.value.step == "connect"


def test_a_key_of_another_kind_is_refused(opened: Opened, tmp_path: Path) -> None:
    make_key(tmp_path / "other", "-t", "rsa", "-b", "2048")
    other = " ".join((tmp_path / "other.pub").read_text().split()[:2])
    with pytest.raises(StorageError, match="of another kind than the pinned one"):
        opened(host_key=other).size(PATH)


def test_a_folder_that_may_not_be_written_is_told(opened: Opened) -> None:
    with pytest.raises(StorageError) as caught:
        write(opened(), "/proc/no-such-folder/call-1.json", b"one")

    assert caught.value.step == "write"


def test_goes_on_when_the_server_has_closed_the_connection(opened: Opened) -> None:
    storage = opened()
    write(storage, PATH, b"one")
    assert isinstance(storage, SftpStorage)
    assert storage._idle is not None
    storage._idle[0].sock.shutdown(socket.SHUT_RDWR)
    storage._idle[0].transport.join(5)

    assert read(storage, PATH) == b"one"


def test_several_threads_write_at_once(opened: Opened, server: OpenSsh) -> None:
    storage = opened()
    paths = [f"ujet-media/chat-1-photo-{number}.jpg" for number in range(6)]
    threads = [threading.Thread(target=write, args=(storage, path, path.encode())) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {path: (server.folder / path).read_bytes() for path in paths} == {path: path.encode() for path in paths}


def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("host.storage.sftp_connection.STALL_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = {"host": "127.0.0.1", "port": silent.getsockname()[1], "host_key": "ssh-ed25519 AAAA"}
        storage = open_storage(ExternalStorage.model_validate({"backend": "sftp", "sftp": settings}), tmp_path)
        with pytest.raises(StorageError) as caught:
            storage.size(PATH)

    assert caught.value.step == "connect"
