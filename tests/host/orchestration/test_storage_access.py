"""The first successful test stores the key of an SFTP server, and later ones compare it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from host.config import Config
from host.errors import StorageError
from host.orchestration.storage_access import StorageAccess
from host.settings.repository import SettingsRepository
from tests.host.storage.contract import PATH, write
from tests.host.storage.sshd import OpenSsh, make_key, open_ssh


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    with open_ssh(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@pytest.fixture
def access(repository: SettingsRepository, server: OpenSsh, tmp_path: Path) -> StorageAccess:
    place(repository, server)
    config = Config.from_env({"PATCHBAY_DATA": str(tmp_path)})
    return StorageAccess.of(repository._database, repository._secrets, repository._clock, repository, config)


def place(repository: SettingsRepository, server: OpenSsh, **changed: Any) -> None:
    sftp = {**server.settings, **changed}
    repository.import_file({"external_storage": {"backend": "sftp", "sftp": sftp}})


def host_key(repository: SettingsRepository) -> str:
    return repository.current().external_storage.sftp.host_key


def test_the_first_successful_test_pins_the_key(
    access: StorageAccess, repository: SettingsRepository, server: OpenSsh
) -> None:
    tested = access.test()

    assert tested.is_fine
    assert "the server's key is SHA256:" in tested.words
    assert host_key(repository) == server.host_key
    assert repository.current().external_storage.sftp.private_key.get_secret_value() == server.private_key
    assert list(server.folder.iterdir()) == []


def test_a_failed_test_pins_nothing(access: StorageAccess, repository: SettingsRepository, server: OpenSsh) -> None:
    place(repository, server, username="nobody-we-know")
    tested = access.test()

    assert (tested.failed, tested.done) == ("sign_in", [])
    assert host_key(repository) == ""


def test_the_pinned_key_is_compared_ever_after(
    access: StorageAccess, repository: SettingsRepository, server: OpenSsh, tmp_path: Path
) -> None:
    make_key(tmp_path / "other")
    other = " ".join((tmp_path / "other.pub").read_text().split()[:2])
    place(repository, server, host_key=other)
    tested = access.test()

    assert tested.failed == "connect"
    assert "host key has changed" in tested.reason
    assert host_key(repository) == other


def test_a_delivery_before_the_first_test_makes_it(
    access: StorageAccess, repository: SettingsRepository, server: OpenSsh
) -> None:
    storage = access.open(repository.current().external_storage)
    write(storage, PATH, b"one")
    storage.close()

    assert (server.folder / PATH).read_bytes() == b"one"
    assert host_key(repository) == server.host_key


def test_a_delivery_to_a_server_that_fails_the_test_is_told_why(
    access: StorageAccess, repository: SettingsRepository, server: OpenSsh
) -> None:
    place(repository, server, port=1)
    with pytest.raises(StorageError, match="connect: no connection"):
        access.open(repository.current().external_storage)


def test_a_test_of_another_server_pins_nothing(
    access: StorageAccess, repository: SettingsRepository, server: OpenSsh
) -> None:
    tried = repository.current().external_storage
    place(repository, server, host="localhost")

    assert access.test(tried).is_fine
    assert host_key(repository) == ""
