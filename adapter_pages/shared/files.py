"""Takes files from either page, and serves them to the two people of their chat."""

from collections.abc import Callable

from flask import Response, jsonify, request, send_file
from flask.typing import ResponseReturnValue

from host.errors import FieldsError, NotFoundError
from host.sessions import attachments
from host.sessions.attachment_files import StoredFile, room_needed
from host.sessions.attachment_types import LARGEST_VIDEO_BYTES
from host.sessions.talk import Said
from host.web import inputs
from host.web.current import services
from host.web.security import csrf

ROOM_BYTES = 64 * 1024
"""For the other parts of the form."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""A file that is opened in a tab runs nothing, belongs to no origin, and is what its type says."""

Send = Callable[[str, StoredFile], Said]


def take(send: Send, session_id: int, *, of_consumer: bool = False) -> ResponseReturnValue:
    """Store the file of the request, and send it as a message: `{"message_id": 12}`.

    The request is multipart: one part with a file name, and `id`, the sender's id of the message.

    Args:
        send: Sends the message: `send(id, stored)`.
        session_id: For the budget.
        of_consumer: Whether the consumer sends it; their photos and videos become files of the session.
    """
    request.max_content_length = LARGEST_VIDEO_BYTES + ROOM_BYTES
    csrf.check_header()
    host, files = services(), services().chat_files
    host.rate_limiter.take("files_per_minute", session_id, host.settings.current().budgets.files_per_minute)
    files.ensure_room(request.content_length or 0)
    with room_needed():
        message_id = inputs.form().get("id") or ""
    if not message_id.isascii() or not 1 <= len(message_id) <= 64:
        raise FieldsError({"id": "must be 1 to 64 letters, digits, _ or -"})
    given = inputs.file()
    stored = files.store(given.filename or "", given.stream, of_consumer=of_consumer)
    is_kept = False
    try:
        said = send(message_id, stored)
        is_kept = said.is_new
    finally:
        if not is_kept:
            files.drop(stored)
    return jsonify(message_id=said.message.id), 201 if said.is_new else 200


def serve(attachment_id: int, is_mine: Callable[[int], bool]) -> Response:
    """Return a file, or the range of it that is asked for: images and videos to look at, the rest as a download.

    Args:
        attachment_id: The file's id.
        is_mine: Tells whether the reader takes part in the session with this id.

    Raises:
        NotFoundError: There is no such file in a chat of theirs.
    """
    with services().database.read() as connection:
        found = attachments.by_id(connection, attachment_id)
    if not is_mine(found.session_id):
        raise NotFoundError(f"There is no file {attachment_id}.")
    path, kind = services().chat_files.path(found), found.type
    is_download = kind.shown_as == "download"
    answer = send_file(path, mimetype=kind.media_type, as_attachment=is_download, download_name=found.name)
    answer.headers.update(HEADERS)
    return answer
