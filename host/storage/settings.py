"""The section `external_storage`: where session files go besides the CRM.

Source: docs/reference/files.md, External storage.
"""

import base64
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, Field
from pydantic import StrictBool as Switch
from pydantic import StrictInt as Whole

from host import hosts
from host.addresses import web_url_or_empty
from host.crm.http.ssrf_guard import Policy
from host.file_kinds import FILE_KINDS, FileKind
from host.schema import NO_SECRET, Secret, Section

Port = Annotated[Whole, Field(ge=1, le=65535)]
_BUCKET = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,220}[A-Za-z0-9])?")
_REGION = re.compile(r"[a-z0-9-]{1,40}")
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


@dataclass(frozen=True)
class SftpAddress:
    """What `sftp.host` and `sftp.port` name."""

    host: str
    port: int
    folder: str
    """`/archive`; empty: the folder that the sign-in leads to."""


def _sftp_parts(host: str) -> tuple[str, int | None, str]:
    """Split `sftp://host[:port][/path]`, or `host`.

    Raises:
        ValueError: It is neither.
    """
    parts = urlsplit(host if "://" in host else f"sftp://{host}")
    if parts.scheme != "sftp" or parts.username is not None or parts.query or parts.fragment or not parts.hostname:
        raise ValueError("neither a host nor sftp://host[:port][/path]")
    if "://" not in host and parts.path:
        raise ValueError("a path without sftp:// before it")
    return hosts.name(parts.hostname), parts.port, _no_way_up(unquote(parts.path).rstrip("/"))


def _sftp_host(host: str) -> str:
    try:
        if host:
            _sftp_parts(host)
    except ValueError as error:
        raise ValueError(f"found {host!r}; allowed: a host, or sftp://host[:port][/path]") from error
    return host


def _host_key(key: str) -> str:
    try:
        kind, value = key.split()[:2] if key else ("", "")
        base64.b64decode(value, validate=True)
    except ValueError as error:
        raise ValueError("found no public key; allowed: ssh-ed25519 AAAA..., or nothing") from error
    return f"{kind} {value}".strip()


class LocalFolder(Section):
    """A folder of this machine."""

    folder: Annotated[str, Field(min_length=1), AfterValidator(_inside)] = "files"
    """Relative to the data folder."""


class Sftp(Section):
    """An SFTP server."""

    host: Annotated[str, AfterValidator(_sftp_host)] = ""
    """`host`, or `sftp://host[:port][/path]`, which is split into its parts."""
    port: Port = 22
    username: str = ""
    password: Secret = NO_SECRET
    private_key: Secret = NO_SECRET
    passphrase: Secret = NO_SECRET
    host_key: Annotated[str, AfterValidator(_host_key)] = ""
    """Stored by the first successful test: `ssh-ed25519 AAAA...`; empty it when the server has a new one."""

    @property
    def address(self) -> SftpAddress:
        """The host without what a URL says beside it; a port in the URL wins over `port`."""
        host, port, folder = _sftp_parts(self.host)
        return SftpAddress(host, port or self.port, folder)


def _bucket(name: str) -> str:
    if name and not _BUCKET.fullmatch(name):
        raise ValueError(f"found {name!r}; allowed: letters, digits, dots, hyphens and underscores")
    return name


def _region(name: str) -> str:
    if name and not _REGION.fullmatch(name):
        raise ValueError(f"found {name!r}; allowed: a region such as eu-central-1")
    return name


Bucket = Annotated[str, AfterValidator(_bucket)]


class Gcs(Section):
    """A Google Cloud Storage bucket."""

    bucket: Bucket = ""
    client_id: str = ""
    client_secret: Secret = NO_SECRET
    service_account_key: Secret = NO_SECRET
    """The whole JSON file; empty: somebody links an account ("Link & Save")."""
    endpoint_url: Annotated[str, AfterValidator(web_url_or_empty)] = ""


class S3(Section):
    """An S3 compatible bucket."""

    bucket: Bucket = ""
    endpoint_url: Annotated[str, AfterValidator(web_url_or_empty)] = ""
    access_key: str = ""
    secret_key: Secret = NO_SECRET
    region: Annotated[str, AfterValidator(_region)] = ""
    """Empty: us-east-1, which most servers of others accept."""


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
    allow_private_addresses: Switch = False
    """Lets SFTP, GCS and S3 be in the private network; localhost needs no permission."""
    also_to_crm: Switch = True
    show_urls: Literal["crm", "external"] = "external"

    def policy(self, host: str, *allowed_hosts: str) -> Policy:
        """Return where connections to a host may go.

        Args:
            host: As the settings name it, without a port.
            allowed_hosts: Those of HTTP requests: `localhost:9000`.
        """
        return Policy(frozenset(allowed_hosts), self.allow_private_addresses or hosts.is_loopback(host))
