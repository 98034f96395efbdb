"""A Google Cloud Storage bucket.

Source: docs/reference/files.md, Object stores; docs/reference/files.md, Google Cloud Storage.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode

from host import hosts
from host.crm.http.answer import Answer
from host.errors import StorageError
from host.gate import lenient, writing
from host.storage import bucket_client, paths
from host.storage.bucket_client import MISSING, BucketClient
from host.storage.gcs_tokens import TokenSource
from host.storage.settings import ExternalStorage
from host.storage.storage import Content, StoredObject

API = "https://storage.googleapis.com"
PAGES = "https://storage.cloud.google.com"
UNAUTHORIZED = 401
FIELDS = "size,md5Hash,generation,metadata"


@dataclass(frozen=True)
class _Found:
    size_bytes: int
    md5: str
    sha256: str
    generation: str


class GcsStorage:
    """Objects, each uploaded as a whole with its checksum, and only over the generation that we know."""

    def __init__(self, settings: ExternalStorage, tokens: TokenSource) -> None:
        """Keep the settings; nothing is connected.

        Args:
            settings: The section.
            tokens: Gives access tokens.
        """
        self._api = settings.gcs.endpoint_url.rstrip("/") or API
        self._bucket = settings.gcs.bucket
        self._tokens = tokens
        host = bucket_client.host_of(self._api)
        self._client = BucketClient(settings.policy(bucket_client.name_of(self._api), host))

    def write(self, path: str, content: Content, *, size_bytes: int, sha256: str) -> StoredObject:
        """Upload the object, if the bucket still has the generation that was found."""
        name = paths.checked(path)
        md5 = bucket_client.md5_of(content, size_bytes=size_bytes, sha256=sha256)
        found, wanted = self._find(name), (size_bytes, md5, sha256)
        if found is None or (found.size_bytes, found.md5, found.sha256) != wanted:
            about = {"contentType": bucket_client.media_type(name), "md5Hash": md5, "metadata": {"sha256": sha256}}
            address = self._begin_upload(name, about, size_bytes, found.generation if found else "0")
            with bucket_client.opened(content) as body:
                answer = self._send("write", "PUT", address, body=body if size_bytes else None)
            stored = _found(answer)
            if (stored.size_bytes, stored.md5) != (size_bytes, md5):
                raise StorageError("write", "the storage has something else than it was sent")
        return StoredObject(path, size_bytes, sha256, f"{PAGES}/{self._bucket}/{quote(name)}")

    def read(self, path: str, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """Yield the object in pieces, all of the same generation."""
        name = paths.checked(path)
        found = self._find(name)
        if found is None:
            raise StorageError("read", "there is no such file", is_permanent=True)
        end = found.size_bytes - 1 if last is None else min(last, found.size_bytes - 1)
        url = self._url(name, alt="media", ifGenerationMatch=found.generation)

        def piece(start: int, stop: int) -> bytes:
            return self._send("read", "GET", url, {"Range": f"bytes={start}-{stop}"}).body

        return bucket_client.pieces(piece, first, end)

    def size(self, path: str) -> int | None:
        """Return the size in bytes; None when there is no such object."""
        found = self._find(paths.checked(path))
        return found.size_bytes if found else None

    def delete(self, path: str) -> None:
        """Delete the object."""
        self._send("delete", "DELETE", self._url(paths.checked(path)), expected=frozenset({MISSING}))

    def close(self) -> None:
        """Close idle connections."""
        self._client.close()

    def _find(self, name: str) -> _Found | None:
        answer = self._send("read", "GET", self._url(name, fields=FIELDS), expected=frozenset({MISSING}))
        return None if answer.status == MISSING else _found(answer)

    def _begin_upload(self, name: str, about: Mapping[str, Any], size_bytes: int, generation: str) -> str:
        """Announce an object; return the address that takes its content, all at once."""
        query = urlencode({"uploadType": "resumable", "name": name, "ifGenerationMatch": generation})
        headers = {
            "Content-Type": "application/json; charset=UTF-8",
            "X-Upload-Content-Type": about["contentType"],
            "X-Upload-Content-Length": str(size_bytes),
        }
        url = f"{self._api}/upload/storage/v1/b/{quote(self._bucket, safe='')}/o?{query}"
        answer = self._send("write", "POST", url, headers, body=writing.typed(about).encode())
        address = answer.headers.get("Location", "")
        if not hosts.is_same_origin(address, self._api):
            raise StorageError("write", "the storage named no address of its own for the content")
        return address

    def _url(self, name: str, **query: str) -> str:
        path = f"{self._api}/storage/v1/b/{quote(self._bucket, safe='')}/o/{quote(name, safe='')}"
        return f"{path}?{urlencode(query)}" if query else path

    def _send(
        self,
        step: str,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        body: bytes | BinaryIO | None = None,
        expected: frozenset[int] = frozenset(),
    ) -> Answer:
        """Send a request; a refused token is renewed once, except for content, before which others were sent."""

        def send(*, is_refused: bool, more: frozenset[int]) -> Answer:
            sent = {**(headers or {}), "Authorization": f"Bearer {self._tokens.token(is_refused=is_refused)}"}
            return self._client.send(step, method, url, headers=sent, body=body, expected=expected | more)

        answer = send(is_refused=False, more=frozenset({UNAUTHORIZED}))
        return send(is_refused=True, more=frozenset()) if answer.status == UNAUTHORIZED else answer


def _found(answer: Answer) -> _Found:
    try:
        given = lenient.read(answer.body.decode())
        metadata = given.get("metadata") or {}
        return _Found(
            int(given["size"]), given.get("md5Hash", ""), metadata.get("sha256", ""), str(given["generation"])
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StorageError("read", "the storage answered something that is no object") from error
