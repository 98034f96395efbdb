"""Finds all texts with variables in a settings file, and checks their variables and functions."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from host.crm.settings.crm import EndpointName
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.catalogue import Place
from host.crm.templates.function_parser import check as check_function
from host.crm.templates.template import check as check_template
from host.errors import ConfigError
from host.settings.checks import endpoints
from host.settings.document.model import Document, QueueEntry
from host.settings.problems import Location, nearest

FOLDER_VARIABLES = ("DATE", "SESSION_ID", "SESSION_TYPE")
PLACES: dict[EndpointName, Place] = {"add_comment": Place.COMMENT, "upload_file": Place.UPLOAD}


class Text(NamedTuple):
    """One text with variables."""

    location: Location
    text: str
    place: Place
    may_be_function: bool = False


def problems(document: Document) -> Iterator[tuple[Location, str]]:
    """Yield the texts with unknown variables or functions."""
    for location, text, place, may_be_function in texts(document):
        try:
            if may_be_function:
                check_function(text, place)
            else:
                check_template(text, place)
        except ConfigError as error:
            yield location, str(error)
    folder = document.external_storage.folder_path
    for name in re.findall(r"\{(\w+)\}", folder):
        if name not in FOLDER_VARIABLES:
            allowed = ", ".join(f"{{{known}}}" for known in FOLDER_VARIABLES)
            found = f"found {{{name}}}{nearest(name, FOLDER_VARIABLES)}"
            yield ("external_storage", "folder_path"), f"{found}; allowed: {allowed}"


def texts(document: Document) -> Iterator[Text]:
    """Yield all texts with variables."""
    crm = document.crm
    yield Text(("crm", "account_lookup_url"), crm.account_lookup_url, Place.PAGE)
    yield Text(("crm", "record_lookup_url"), crm.record_lookup_url, Place.PAGE)
    yield Text(("crm", "subject_template"), crm.subject_template, Place.TEXT)
    yield Text(("crm", "description_template"), crm.description_template, Place.TEXT)
    yield Text(("lookup_urls", "phone"), document.lookup_urls.phone, Place.LOOKUP)
    yield Text(("lookup_urls", "sdk"), document.lookup_urls.sdk, Place.LOOKUP)
    yield Text(("display_crm", "url"), document.display_crm.url, Place.PAGE)
    yield Text(("email_outcome", "subject"), document.email_outcome.subject, Place.TEXT)
    for location, name, endpoint in endpoints.everywhere(crm):
        yield from _of_endpoint(location, PLACES.get(name, Place.REQUEST), endpoint)
    yield from _of_queues((), document.queues)


def _of_endpoint(location: Location, place: Place, endpoint: Endpoint) -> Iterator[Text]:
    yield Text((*location, "url"), endpoint.url, place)
    if endpoint.if_match:
        yield Text((*location, "if_match", "url"), endpoint.if_match.url, place)
    if endpoint.attachment:
        yield Text((*location, "attachment", "url"), endpoint.attachment.url, Place.ATTACHMENT)
    for index, header in enumerate(endpoint.headers):
        yield Text((*location, "headers", index, "value"), header.value, place, may_be_function=True)
    for index, parameter in enumerate(endpoint.parameters):
        yield from _inside((*location, "parameters", index, "value"), parameter.value, place)
    for index, part in enumerate(endpoint.parts):
        yield from _inside((*location, "parts", index, "value"), part.value, place)
        yield from _inside((*location, "parts", index, "json"), part.json_value, place)
    yield from _inside((*location, "template"), endpoint.template, place)
    for above, conditions in (
        (("rows",), endpoint.rows),
        (("success", "unless"), endpoint.success.unless),
        (("not_found", "when"), endpoint.not_found.when),
        (("duplicate", "when"), endpoint.duplicate.when if endpoint.duplicate else ()),
    ):
        for index, condition in enumerate(conditions):
            at = (*location, *above, index, condition.operator)
            yield from (each._replace(may_be_function=False) for each in _inside(at, condition.operand, place))


def _inside(location: Location, value: Any, place: Place) -> Iterator[Text]:
    """Yield all strings of a JSON value, at any depth."""
    if isinstance(value, str):
        yield Text(location, value, place, may_be_function=True)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _inside((*location, key), each, place)
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from _inside((*location, index), each, place)


def _of_queues(location: Location, queues: tuple[QueueEntry, ...]) -> Iterator[Text]:
    for index, queue in enumerate(queues):
        here = (*location, "queues", index)
        yield Text((*here, "open_custom_url"), queue.open_custom_url, Place.PAGE)
        yield from _of_queues(here, queue.queues)
