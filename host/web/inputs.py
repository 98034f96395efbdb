"""Reads the input of requests through the gate: JSON, forms, queries, numbers in addresses.

No other module asks Flask for them.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, request
from flask.json.provider import JSONProvider
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.routing import IntegerConverter

from host.errors import FieldsError, RequestError
from host.gate import strict, writing
from host.gate.strict import NotJsonError, UnfitError

LARGEST_REPORT_BYTES = 64 * 1024

Read = TypeVar("Read")


class GateJson(JSONProvider):
    """Makes Flask write and read JSON through the gate."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Return `obj` as JSON."""
        return writing.text(obj)

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Return the value of a JSON text."""
        return strict.read(s)


class Number(IntegerConverter):
    """`<int:session_id>` in an address: a number that a database can store.

    The expression alone keeps larger ones out: a number that it lets through and a limit refuses would answer 405
    instead of 404 where several methods have the same address.
    """

    regex = r"\d{1,18}"


def init_app(app: Flask) -> None:
    """Make the application use the gate; call it before routes are added."""
    app.json = GateJson(app)
    app.url_map.converters["int"] = Number


def json_body() -> Any:
    """Return the value of the request's JSON body; None for an empty body.

    Raises:
        RequestError: The body is no JSON, or its media type isn't JSON (forms of other sites must not be accepted).
        FieldsError: It contains invalid values; each is named.
    """
    text = _json_text()
    return _taken(lambda: strict.read(text)) if text.strip() else None


def report() -> Any:
    """Return a report that a browser sends: JSON, with any media type.

    Raises:
        RequestError: It is no JSON, or too long.
        FieldsError: It contains invalid values.
    """
    if (request.content_length or 0) > LARGEST_REPORT_BYTES:
        raise RequestError(f"The report has {request.content_length} bytes; at most {LARGEST_REPORT_BYTES} are read.")
    text = request.get_data()
    return _taken(lambda: strict.read(text)) if text.strip() else None


def json_object(example: str, *, may_be_empty: bool = False) -> dict[str, Any]:
    """Return the request's JSON object.

    Args:
        example: A valid object, for the error message.
        may_be_empty: Whether an empty body stands for an empty object.

    Raises:
        RequestError: As `json_body`, or the value is no object.
        FieldsError: As `json_body`.
    """
    if may_be_empty and not request.get_data().strip():
        return {}
    found = json_body()
    if not isinstance(found, dict):
        raise RequestError(f"The body must be a JSON object such as {example}.")
    return found


def json_entries(key: str, example: str) -> list[Any]:
    """Return the list that is the only value of the request's JSON object; check each entry with `checked_object`.

    Args:
        key: Of the list.
        example: A valid object, for the error message.

    Raises:
        RequestError: As `json_object`.
        FieldsError: The object has another key, or no list; its entries aren't checked.
    """
    text = _json_text()
    found = _taken(lambda: strict.parsed(text)) if text.strip() else None
    if not isinstance(found, dict):
        _taken(lambda: strict.check(found))
        raise RequestError(f"The body must be a JSON object such as {example}.")
    others = {name: value for name, value in found.items() if name != key}
    _taken(lambda: strict.check(others))
    problems = dict.fromkeys(others, f"unknown key; known: {key}")
    if not isinstance(found.get(key), list):
        problems[key] = "found no list; needed: a list"
    if problems:
        raise FieldsError(problems)
    return list(found[key])


def checked_object(entry: object) -> dict[str, Any]:
    """Return an entry of `json_entries`, checked.

    Raises:
        RequestError: It is no object.
        FieldsError: It contains invalid values.
    """
    _taken(lambda: strict.check(entry))
    if not isinstance(entry, dict):
        raise RequestError("It must be a JSON object.")
    return entry


def _json_text() -> bytes:
    text = request.get_data()
    if text and not request.is_json:
        raise RequestError(f"Content-Type: found {request.mimetype or 'none'}; it must be application/json.")
    return text


def form() -> MultiDict[str, str]:
    """Return the request's form.

    Raises:
        FieldsError: A text in it is invalid.
    """
    return _texts(request.form)


def file() -> FileStorage:
    """Return the file of a multipart request.

    Raises:
        FieldsError: There is none, or more than one.
    """
    files = [each for name in request.files for each in request.files.getlist(name) if each.filename]
    if len(files) != 1:
        raise FieldsError({"file": f"found {len(files)} files; send exactly one, as multipart/form-data"})
    return files[0]


def query() -> MultiDict[str, str]:
    """Return the query parameters of the address.

    Raises:
        FieldsError: A text in it is invalid.
    """
    return _texts(request.args)


def _texts(given: MultiDict[str, str]) -> MultiDict[str, str]:
    def checked() -> MultiDict[str, str]:
        for name, value in given.items(multi=True):
            strict.check({name: value})
        return given

    return _taken(checked)


def _taken(read: Callable[[], Read]) -> Read:
    try:
        return read()
    except NotJsonError as error:
        raise RequestError(f"The body is not JSON: {error}.") from None
    except UnfitError as error:
        raise FieldsError({path or "body": words for path, words in error.problems.items()}) from None
