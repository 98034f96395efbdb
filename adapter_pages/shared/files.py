"""Takes files from either page, and serves them to the two people of their chat."""

from collections.abc import Callable

from flask import Response, jsonify, request, send_file
from flask.typing import ResponseReturnValue

from host.errors import FieldsError, NotFoundError
from host.sessions import attachments
from host.sessions.attachments import MAX_BYTES, StoredFile
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


def take(send: Send, session_id: int) -> ResponseReturnValue:
    """Store the file of the request, and send it as a message: `{"message_id": 12}`.

    The request is multipart: one part with a file name, and `id`, the sender's id of the message.

    Args:
        send: Sends the message: `send(id, stored)`.
        session_id: For the budget.
    """
    request.max_content_length = MAX_BYTES + ROOM_BYTES
    csrf.check_header()
    host = services()
    host.rate_limiter.take("files_per_minute", session_id, host.settings.current().budgets.files_per_minute)
    message_id = inputs.form().get("id") or ""
    if not message_id.isascii() or not 1 <= len(message_id) <= 64:
        raise FieldsError({"id": "must be 1 to 64 letters, digits, _ or -"})
    files = attachments.AttachmentFiles(services().config.data)
    given = inputs.file()
    stored = files.store(given.filename or "", given.stream)
    is_kept = False
    try:
        said = send(message_id, stored)
        is_kept = said.is_new
    finally:
        if not is_kept:
            files.drop(stored.key)
    return jsonify(message_id=said.message.id), 201 if said.is_new else 200


def serve(attachment_id: int, is_mine: Callable[[int], bool]) -> Response:
    """Return a file: an image to look at, everything else as a download.

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
    path = attachments.AttachmentFiles(services().config.data).path(found)
    kind = found.type
    answer = send_file(path, mimetype=kind.media_type, as_attachment=not kind.is_image, download_name=found.name)
    answer.headers.update(HEADERS)
    return answer
