"""Requests to object stores, through the guarded client; translates what goes wrong.

Source: docs/reference/files.md, Object stores.
"""

import base64
import hashlib
import mimetypes
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from host import hosts
from host.crm.http.answer import Answer
from host.crm.http.client import GuardedClient
from host.crm.http.ssrf_guard import Policy
from host.errors import CrmAddressError, CrmError, StorageError
from host.storage.copying import copy_checked
from host.storage.storage import Content

TIMEOUT_S = 15.0
PIECE_BYTES = 4 * 1024 * 1024
"""What one request reads; the guarded client accepts 5 MiB."""
MISSING = 404
CHANGED = frozenset({409, 412})
"""Somebody else has written the object since we looked."""
WHAT_IT_MEANS = {
    301: "the bucket is in another region",
    307: "the bucket is in another region",
    401: "the credentials are refused",
    403: "the credentials are refused, or they don't allow this",
    404: "there is no such bucket",
    409: "another version was written at the same time",
    412: "another version was written at the same time",
    507: "the storage is full",
}


class BucketClient:
    """Sends requests to one object store."""

    def __init__(self, policy: Policy) -> None:
        self._client = GuardedClient(policy)

    def send(
        self,
        step: str,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | BinaryIO | None = None,
        expected: frozenset[int] = frozenset(),
    ) -> Answer:
        """Send a request.

        Args:
            step: For error messages.
            method: `PUT`.
            url: Encoded.
            headers: All but `Host`.
            body: Sent as it is read; only a stall ends it.
            expected: Statuses beside 2xx that are no errors.

        Raises:
            StorageError: It can't be reached, or has another status.
        """
        headers = {"Accept-Encoding": "identity", **headers}
        try:
            answer = self._client.send(
                step, method, url, headers=headers, body=body, timeout_s=TIMEOUT_S, upload=True, redirects=True
            )
        except CrmAddressError as error:
            raise StorageError("connect", error.reason) from error
        except CrmError as error:
            raise StorageError(step, error.reason) from error
        if 200 <= answer.status < 300 or answer.status in expected:
            return answer
        meaning = WHAT_IT_MEANS.get(answer.status, "")
        step = "sign_in" if answer.status == 401 else step
        raise StorageError(step, f"the storage answered {answer.status}" + (f": {meaning}" if meaning else ""))

    def close(self) -> None:
        """Close idle connections."""
        self._client.close()


def md5_of(content: Content, *, size_bytes: int, sha256: str) -> str:
    """Return the MD5 checksum that object stores compare, in base64.

    Raises:
        StorageError: The content is not what was announced.
    """
    checksum = hashlib.md5(usedforsecurity=False)
    copy_checked(content, checksum.update, size_bytes=size_bytes, sha256=sha256)
    return base64.b64encode(checksum.digest()).decode()


def opened(content: Content) -> BinaryIO:
    """Open the content once more, to be sent."""
    try:
        return content()
    except OSError as error:
        raise StorageError("write", f"the content to store can't be read ({error.strerror})") from error


def media_type(path: str) -> str:
    """Return the media type that a name's ending says."""
    return mimetypes.guess_type(path)[0] or "application/octet-stream"


def host_of(url: str) -> str:
    """Return the host of a URL, with a port that isn't the scheme's own."""
    return hosts.of_url(url)


def name_of(url: str) -> str:
    """Return the host of a URL without a port."""
    return hosts.without_port(hosts.of_url(url))


def pieces(read: Callable[[int, int], bytes], first: int, last: int) -> Iterator[bytes]:
    """Yield a range, a request for each piece: a slow reader holds no connection.

    Args:
        read: Returns the bytes from one position to another, both included.
        first: The first byte.
        last: The last byte, which exists.
    """
    for position in range(first, last + 1, PIECE_BYTES):
        yield read(position, min(last, position + PIECE_BYTES - 1))
