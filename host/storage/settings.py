"""The section `external_storage`: where session files go besides the CRM.

Source: docs/reference/files.md, External storage.
"""

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic import StrictBool as Switch
from pydantic import StrictInt as Whole

from host.addresses import web_url_or_empty
from host.file_kinds import FILE_KINDS, FileKind
from host.schema import NO_SECRET, Secret, Section

Port = Annotated[Whole, Field(ge=1, le=65535)]
Backend = Literal["local", "sftp", "gcs", "s3"]


def _inside(folder: str) -> str:
    path = PurePosixPath(folder)
    if path.is_absolute() or ".." in path.parts or "\\" in folder or "\x00" in folder:
        raise ValueError(f"found {folder!r}; allowed: a folder inside the data folder, such as files")
    return folder


def _no_way_up(folder: str) -> str:
    if ".." in PurePosixPath(folder).parts or "\\" in folder or "\x00" in folder:
        raise ValueError(f"found {folder!r}; allowed: a folder path without .. and backslashes")
    return folder


class LocalFolder(Section):
    """A folder of this machine."""

    folder: Annotated[str, Field(min_length=1), AfterValidator(_inside)] = "files"
    """Relative to the data folder."""


class Sftp(Section):
    """An SFTP server."""

    host: str = ""
    """`host`, or `sftp://host[:port][/path]`, which is split into its parts."""
    port: Port = 22
    username: str = ""
    password: Secret = NO_SECRET
    private_key: Secret = NO_SECRET
    passphrase: Secret = NO_SECRET
    host_key: str = ""
    """Stored by the first successful test."""


class Gcs(Section):
    """A Google Cloud Storage bucket."""

    bucket: str = ""
    client_id: str = ""
    client_secret: Secret = NO_SECRET
    service_account_key: Secret = NO_SECRET
    endpoint_url: Annotated[str, AfterValidator(web_url_or_empty)] = ""


class S3(Section):
    """An S3 compatible bucket."""

    bucket: str = ""
    endpoint_url: Annotated[str, AfterValidator(web_url_or_empty)] = ""
    access_key: str = ""
    secret_key: Secret = NO_SECRET
    region: str = ""


class ExternalStorage(Section):
    """Which files go where."""

    enabled: Switch = True
    files: tuple[FileKind, ...] = FILE_KINDS
    backend: Backend = "local"
    recording_format: Literal["mp3", "wav"] = "mp3"
    folder_path: Annotated[str, AfterValidator(_no_way_up)] = ""
    """May hold {DATE}, {SESSION_ID}, {SESSION_TYPE}."""
    local: LocalFolder = LocalFolder()
    sftp: Sftp = Sftp()
    gcs: Gcs = Gcs()
    s3: S3 = S3()
    also_to_crm: Switch = True
    show_urls: Literal["crm", "external"] = "external"
