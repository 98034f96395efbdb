"""Opens the storage that the settings name.

Source: docs/reference/files.md, External storage.
"""

from pathlib import Path

from host.errors import StorageError
from host.storage.local import LocalStorage
from host.storage.s3 import S3Storage
from host.storage.settings import ExternalStorage
from host.storage.sftp import SftpStorage
from host.storage.storage import Storage


def open_storage(settings: ExternalStorage, data: Path) -> Storage:
    """Return the storage of the settings; the first use connects.

    Args:
        settings: Its `enabled` is the caller's business.
        data: The data folder, in which a local storage lies.

    Raises:
        StorageError: The settings cannot be used.
    """
    match settings.backend:
        case "local":
            return LocalStorage(data / settings.local.folder)
        case "sftp":
            return SftpStorage(settings.sftp, settings.policy(settings.sftp.address.host))
        case "s3":
            return S3Storage(settings)
        case backend:
            raise StorageError("connect", f"this version has no back end {backend}", is_permanent=True)
