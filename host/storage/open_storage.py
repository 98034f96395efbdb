"""Opens the storage that the settings name.

Source: docs/reference/files.md, External storage.
"""

from pathlib import Path
from typing import assert_never

from host.errors import StorageError
from host.storage.gcs import GcsStorage
from host.storage.gcs_tokens import ServiceAccountTokens, TokenSource
from host.storage.local import LocalStorage
from host.storage.s3 import S3Storage
from host.storage.settings import ExternalStorage
from host.storage.sftp import SftpStorage
from host.storage.storage import Storage


def open_storage(settings: ExternalStorage, data: Path, linked: TokenSource | None = None) -> Storage:
    """Return the storage of the settings; the first use connects.

    Args:
        settings: Its `enabled` is the caller's business.
        data: The data folder, in which a local storage lies.
        linked: Gives the access tokens of the Google account that somebody has linked.

    Raises:
        StorageError: The settings cannot be used.
    """
    match settings.backend:
        case "local":
            return LocalStorage(data / settings.local.folder)
        case "sftp":
            return SftpStorage(settings.sftp, settings.policy(settings.sftp.address.host))
        case "gcs":
            return GcsStorage(settings, _tokens(settings, linked))
        case "s3":
            return S3Storage(settings)
        case _:
            assert_never(settings.backend)


def _tokens(settings: ExternalStorage, linked: TokenSource | None) -> TokenSource:
    if settings.gcs.service_account_key.get_secret_value():
        return ServiceAccountTokens(settings)
    if linked is None:
        raise StorageError("sign_in", "there is neither a service_account_key nor a linked account")
    return linked
