"""Opens and tests the external storage of the settings, and pins the host key of an SFTP server.

Source: docs/reference/files.md, SFTP; docs/reference/files.md, Connection test.
"""

from pathlib import Path

from host.clock import Clock
from host.config import Config
from host.db.engine import Database
from host.errors import StorageError
from host.settings.repository import SettingsRepository
from host.settings.secrets import Secrets
from host.storage.connection_test import Tested, try_storage
from host.storage.gcs_link import GcsLink
from host.storage.open_storage import open_storage
from host.storage.settings import ExternalStorage
from host.storage.storage import Storage


class StorageAccess:
    """The external storage, for deliveries, pages and commands."""

    def __init__(self, repository: SettingsRepository, data: Path, link: GcsLink) -> None:
        self._repository = repository
        self._data = data
        self.link = link

    @classmethod
    def of(
        cls, database: Database, secrets: Secrets, clock: Clock, settings: SettingsRepository, config: Config
    ) -> "StorageAccess":
        """Build it for one process."""
        link = GcsLink(
            database, secrets, clock, lambda: settings.current().external_storage, public_url=config.public_url
        )
        return cls(settings, config.data, link)

    def open(self, settings: ExternalStorage) -> Storage:
        """Return a storage; an SFTP server whose key isn't pinned is tested first.

        Raises:
            StorageError: The settings can't be used, or the test has failed.
        """
        if settings.backend == "sftp" and not settings.sftp.host_key:
            tested = self.test(settings)
            if not tested.is_fine:
                raise StorageError(tested.failed, tested.reason)
            sftp = settings.sftp.model_copy(update={"host_key": tested.host_key})
            settings = settings.model_copy(update={"sftp": sftp})
        return open_storage(settings, self._data, self.link)

    def test(self, settings: ExternalStorage | None = None) -> Tested:
        """Test a storage; pin the server's key when the stored settings name this server and no key.

        Args:
            settings: What is tested; None: the stored settings.
        """
        settings = settings or self._repository.current().external_storage
        tested = try_storage(settings, self._data, self.link)
        if tested.is_fine and settings.backend == "sftp" and not settings.sftp.host_key:
            self._repository.pin_host_key(settings.sftp, tested.host_key)
        return tested
