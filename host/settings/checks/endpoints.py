"""Rules about the CRM's endpoints: which need each other, and which keys each may have.

Source: docs/reference/generic-api.md, Endpoints.
"""

from collections.abc import Iterator
from typing import get_args

from host.crm.response.location_checks import problems
from host.crm.settings.crm import CrmSettings, EndpointName
from host.crm.settings.endpoint import Endpoint
from host.settings.problems import Location

ENDPOINT_NAMES: tuple[EndpointName, ...] = get_args(EndpointName)

FIND_ACCOUNT: tuple[EndpointName, ...] = ("find_account_by_query", "find_account_by_id")
FIND_RECORD: tuple[EndpointName, ...] = ("find_record_by_query", "find_record_by_id")
RECORD: tuple[EndpointName, ...] = (*FIND_RECORD, "create_record")
RECORD_UPDATES: tuple[EndpointName, ...] = ("update_record", "upload_file", "add_comment")

UPLOAD_ONLY = ("type", "files", "file_field", "attachment", "add_comment")
SEARCHABLE = (*FIND_ACCOUNT, *FIND_RECORD, "upload_file", "add_comment")
"""Endpoints with alternatives; those of comments and uploads search by the marker."""
FIND_ONLY = ("verify_match", "match_fields", "rows", "order", "paging")


def everywhere(crm: CrmSettings) -> Iterator[tuple[Location, EndpointName, Endpoint]]:
    """Yield every endpoint, alternative and step, with its location in the file and the endpoint's name."""
    for name in ENDPOINT_NAMES:
        if endpoint := crm.endpoint(name):
            yield from _with_parts(("crm", "endpoints", name), name, endpoint)


def out_of_order(crm: CrmSettings) -> Iterator[tuple[Location, str]]:
    """Yield the endpoints that are set without an earlier one that they need."""
    given = set_in(crm)
    for names, earlier, what in ((RECORD, FIND_ACCOUNT, "an account"), (RECORD_UPDATES, RECORD, "a record")):
        if given.isdisjoint(earlier):
            for name in ENDPOINT_NAMES:
                if name in names and name in given:
                    yield ("crm", "endpoints", name), f"needs {what} first; set one of {', '.join(earlier)}"


def misplaced(crm: CrmSettings) -> Iterator[tuple[Location, str]]:
    """Yield the keys that the endpoint can't have."""
    for name in ENDPOINT_NAMES:
        endpoint = crm.endpoint(name)
        for keys, belongs_to, fits in (
            (UPLOAD_ONLY, "upload_file", name == "upload_file"),
            (("text_format",), "add_comment", name == "add_comment"),
            (FIND_ONLY, "the find endpoints", name.startswith("find_")),
            (("alternatives",), "the find endpoints, comments and uploads", name in SEARCHABLE),
            (("steps",), "the endpoints that write", not name.startswith("find_")),
        ):
            for key in () if endpoint is None or fits else keys:
                if endpoint is not None and key in endpoint.model_fields_set:
                    yield ("crm", "endpoints", name, key), f"belongs to {belongs_to}; leave it out here"


def unreadable(crm: CrmSettings) -> Iterator[tuple[Location, str]]:
    """Yield the locations that are not valid paths."""
    for name in ENDPOINT_NAMES:
        if endpoint := crm.endpoint(name):
            for at, reason in problems(endpoint).items():
                yield ("crm", "endpoints", name, *at), reason


def missing(crm: CrmSettings) -> Iterator[str]:
    """Yield warnings about an incomplete set of endpoints."""
    given = set_in(crm)
    if not given:
        return
    if "find_account_by_query" not in given:
        yield "crm.endpoints: find_account_by_query is missing; without it there is no account lookup"
    if "create_account" not in given and not crm.skip_account_creation:
        yield "crm.endpoints: create_account is missing; callers who aren't found stay without an account"
    if given & {*RECORD, *RECORD_UPDATES} and "create_record" not in given and not crm.skip_record_creation:
        yield "crm.endpoints: create_record is missing; no record is created"
    if crm.reuse_records != "never" and "find_record_by_query" not in given:
        yield f'crm.endpoints: find_record_by_query is missing; "reuse_records": "{crm.reuse_records}" needs it'


def set_in(crm: CrmSettings) -> set[EndpointName]:
    """Return the names of the endpoints that are set."""
    return {name for name in ENDPOINT_NAMES if crm.endpoint(name)}


def _with_parts(
    location: Location, name: EndpointName, endpoint: Endpoint
) -> Iterator[tuple[Location, EndpointName, Endpoint]]:
    yield location, name, endpoint
    for key, parts in (("alternatives", endpoint.alternatives), ("steps", endpoint.steps)):
        for index, part in enumerate(parts):
            yield from _with_parts((*location, key, index), name, part)
