"""Serves the files of sessions: a permanent address asks for sign-in and role, and leads to a signed one for an hour.

Source: docs/reference/files.md, Addresses.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain

from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Connection
from werkzeug.http import quote_etag

from host.deliveries import deliveries
from host.errors import NotFoundError
from host.files import session_files
from host.files.session_files import SessionFile
from host.sessions import access
from host.users.directory import User
from host.web.current import services
from host.web.security.access import require

SIGNED_FOR = timedelta(hours=1)
SHOWN = ("image/", "audio/", "video/")
"""Types that browsers show; all others are downloads."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; media-src 'self'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "Accept-Ranges": "bytes",
}
PARTIAL, UNSATISFIABLE = 206, 416

blueprint = Blueprint("session_files", __name__)


@blueprint.get("/files/<key>")
def show(key: str) -> ResponseReturnValue:
    """Lead whoever may see the file to its signed address."""
    user = require("agent", "supervisor", "admin")
    with services().database.read() as connection:
        file = session_files.by_key(connection, key)
        if not _may_see(connection, user, file):
            raise NotFoundError("There is no such file.")
    expires_at = services().clock.now() + SIGNED_FOR
    signature = _signer().dumps([file.key, int(expires_at.timestamp())])
    return redirect(url_for("session_files.content", signature=signature, name=file.name), 302)


@blueprint.get("/files/content/<signature>/<name>")
def content(signature: str, name: str) -> Response:
    """Answer with the file, or the range that is asked for."""
    key = _key_in(signature)
    with services().database.read() as connection:
        file = session_files.by_key(connection, key)
        delivery = deliveries.of_file(connection, file.id)
    if file.name != name:
        raise NotFoundError("There is no such file.")
    return _answer(file, delivery.receipt if delivery and delivery.version == file.version else None)


def _may_see(connection: Connection, user: User, file: SessionFile) -> bool:
    if not user.roles.isdisjoint({"admin", "supervisor"}):
        return True
    return access.has_had(connection, file.session_id, user.id)


def _signer() -> URLSafeSerializer:
    key = current_app.secret_key
    if key is None:
        raise RuntimeError("the application has no key")
    return URLSafeSerializer(key, salt="session file")


def _key_in(signature: str) -> str:
    try:
        key, expires_at = _signer().loads(signature)
    except (BadSignature, ValueError, TypeError) as error:
        raise NotFoundError("This link to a file is not valid.") from error
    if expires_at < services().clock.now().timestamp():
        raise NotFoundError("This link to a file has expired; open the file's own address again.")
    return str(key)


def _answer(file: SessionFile, receipt: object) -> Response:
    etag = quote_etag(file.sha256)
    headers = {**HEADERS, "ETag": etag}
    wanted = request.range
    if wanted is not None and request.if_range.etag not in {None, file.sha256}:
        wanted = None  # the reader has a part of an older version
    first, last, status = 0, file.size_bytes - 1, 200
    if wanted is not None and wanted.units == "bytes" and len(wanted.ranges) == 1:
        found = wanted.range_for_length(file.size_bytes)
        if found is None:
            return Response(status=UNSATISFIABLE, headers={**headers, "Content-Range": f"bytes */{file.size_bytes}"})
        first, last, status = found[0], found[1] - 1, PARTIAL
        headers["Content-Range"] = f"bytes {first}-{last}/{file.size_bytes}"
    headers["Content-Length"] = str(last - first + 1)
    body = () if request.method == "HEAD" or last < first else _begun(_read(file, receipt, first, last))
    answer = Response(body, status=status, headers=headers, content_type=_content_type(file))
    way = "inline" if file.media_type.startswith(SHOWN) else "attachment"
    answer.headers.set("Content-Disposition", way, filename=file.name)
    return answer


def _read(file: SessionFile, receipt: object, first: int, last: int) -> Iterator[bytes]:
    files = services().files
    if file.content_path is not None and files.content.has(file.content_path):
        return files.content.read(file.content_path, first, last)
    if isinstance(receipt, dict):
        return files.to_storage.read(receipt, first, last)
    raise NotFoundError(f"The content of {file.name} is not there any more.")


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Read the first piece, so that a storage that fails is an error page and no answer that breaks off."""
    return chain([next(pieces, b"")], pieces)


def _content_type(file: SessionFile) -> str:
    return f"{file.media_type}; charset=utf-8" if file.media_type.startswith("text/") else file.media_type
