"""An S3 compatible bucket.

Source: docs/reference/files.md, Object stores.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO
from urllib.parse import quote

from host.crm.http.answer import Answer
from host.errors import StorageError
from host.storage import bucket_client, paths
from host.storage.bucket_client import MISSING, BucketClient
from host.storage.s3_signature import NO_BODY, Signer
from host.storage.settings import S3, ExternalStorage
from host.storage.storage import Content, StoredObject

REGION = "us-east-1"
SHA256 = "x-amz-meta-sha256"


@dataclass(frozen=True)
class _Found:
    size_bytes: int
    sha256: str
    etag: str


class S3Storage:
    """Objects, each written by one request that the server takes as a whole, and only over the version that we know."""

    def __init__(self, settings: ExternalStorage) -> None:
        """Keep the settings; nothing is connected."""
        s3 = settings.s3
        self._base = _base_url(s3)
        self._signer = Signer(s3.access_key, s3.secret_key.get_secret_value(), s3.region or REGION)
        host = bucket_client.host_of(self._base)
        self._client = BucketClient(settings.policy(bucket_client.name_of(self._base), host))

    def write(self, path: str, content: Content, *, size_bytes: int, sha256: str) -> StoredObject:
        """Put the object, if the bucket still has the version that was found."""
        url = self._url(path)
        md5 = bucket_client.md5_of(content, size_bytes=size_bytes, sha256=sha256)
        found = self._find(path)
        if found is None or (found.size_bytes, found.sha256) != (size_bytes, sha256):
            precondition = {"If-Match": found.etag} if found else {"If-None-Match": "*"}
            headers = {"Content-MD5": md5, "Content-Type": bucket_client.media_type(path), SHA256: sha256}
            with bucket_client.opened(content) as body:
                sent = body if size_bytes else None
                self._send("write", "PUT", url, {**headers, **precondition}, body=sent, sha256=sha256)
            self._check(path, size_bytes, sha256)
        return StoredObject(path, size_bytes, sha256, url)

    def read(self, path: str, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """Yield the object in pieces, all of the same version."""
        found = self._find(path)
        if found is None:
            raise StorageError("read", "there is no such file", is_permanent=True)
        end = found.size_bytes - 1 if last is None else min(last, found.size_bytes - 1)

        def piece(start: int, stop: int) -> bytes:
            headers = {"Range": f"bytes={start}-{stop}", "If-Match": found.etag}
            return self._send("read", "GET", self._url(path), headers).body

        return bucket_client.pieces(piece, first, end)

    def size(self, path: str) -> int | None:
        """Return the size in bytes; None when there is no such object."""
        found = self._find(path)
        return found.size_bytes if found else None

    def delete(self, path: str) -> None:
        """Delete the object."""
        self._send("delete", "DELETE", self._url(path), {})

    def close(self) -> None:
        """Close idle connections."""
        self._client.close()

    def _find(self, path: str) -> _Found | None:
        answer = self._send("read", "HEAD", self._url(path), {}, expected=frozenset({MISSING}))
        if answer.status == MISSING:
            return None
        return _Found(int(answer.headers["Content-Length"]), answer.headers.get(SHA256, ""), answer.headers["ETag"])

    def _check(self, path: str, size_bytes: int, sha256: str) -> None:
        found = self._find(path)
        if found is None or (found.size_bytes, found.sha256) != (size_bytes, sha256):
            raise StorageError("write", "the storage has something else than it was sent")

    def _url(self, path: str) -> str:
        return self._base + quote(paths.checked(path))

    def _send(
        self,
        step: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        body: BinaryIO | None = None,
        sha256: str = NO_BODY,
        expected: frozenset[int] = frozenset(),
    ) -> Answer:
        signed = self._signer.signed(method, url, headers, at=datetime.now(UTC), body_sha256=sha256)
        return self._client.send(step, method, url, headers=signed, body=body, expected=expected)


def _base_url(s3: S3) -> str:
    """Return what comes before an object's key: `https://files.s3.eu-central-1.amazonaws.com/`.

    Servers of others have the bucket in the path, and so has AWS where its certificate doesn't fit a name with dots.
    """
    if s3.endpoint_url:
        return f"{s3.endpoint_url.rstrip('/')}/{s3.bucket}/"
    host = f"s3.{s3.region or REGION}.amazonaws.com"
    return f"https://{host}/{s3.bucket}/" if "." in s3.bucket else f"https://{s3.bucket}.{host}/"
