"""Builds the requests of an endpoint from its settings and a session's values.

Source: docs/reference/generic-api.md, Request; docs/reference/settings.md, Endpoint keys.
"""

from collections.abc import Iterator

from host.crm.request.body import Ledger, body_of, fields_go_into_query
from host.crm.request.parameters import MARKER, fields_of, fill_value, is_by_marker, is_left_out
from host.crm.request.request import NotSent, Rendering, Request, SearchedBy
from host.crm.settings.endpoint import Endpoint
from host.crm.templates import url_template
from host.crm.templates.catalogue import is_identifying
from host.crm.templates.quoting import as_text
from host.crm.templates.references import Reference
from host.crm.templates.syntax_guard import SAFE, unsafe_in_path
from host.crm.templates.template import Filled, Template
from host.crm.templates.variables import Variables

_PHONES = frozenset({"PHONE_NUMBER", "PHONE_LAST_DIGITS"})
_IDS = frozenset({"CUSTOM_USER_ID", "ACCOUNT_ID", "RECORD_ID", "MARKER"})
_CONTROLS = dict.fromkeys((*range(32), 127), " ")


def render(endpoint: Endpoint, variables: Variables) -> Rendering:
    """Build the endpoint's main request, with numbers in its phone format.

    Set the context's marker for a create, comment, update or upload, and for a find that searches by it; an ordinary
    find has none. `variables.for_find` says whether this is a find.

    Returns:
        The request, or the reason why none is made: a find without an identifying value, or a URL without a value.
    """
    return _render(endpoint, variables.with_phone_format(endpoint.phone_format))


def renderings(endpoint: Endpoint, variables: Variables) -> Iterator[Rendering]:
    """Yield all requests of a find, in the order in which they are tried; the first with a match wins.

    The main request in each phone format comes first, then the alternatives. No request comes twice.
    """
    for each in (endpoint, *endpoint.alternatives):
        made = set()
        for phone_format in each.phone_formats or (each.phone_format,):
            rendering = _render(each, variables.with_phone_format(phone_format))
            shown = rendering.reason if isinstance(rendering, NotSent) else (rendering.url, rendering.sent)
            if repr(shown) not in made:
                made.add(repr(shown))
                yield rendering


def _render(endpoint: Endpoint, variables: Variables) -> Rendering:
    ledger = Ledger()
    if variables.for_find and (risky := unsafe_in_path(endpoint.url, variables)):
        return NotSent(endpoint, "its URL would hold what could be syntax there", risky)
    url = url_template.fill(
        endpoint.url, variables, lambda text, _: is_left_out(ledger.note(_query(text, variables)), variables)
    )
    if isinstance(url, url_template.NoUrl):
        return NotSent(endpoint, url.reason)
    fields = fields_of(endpoint, variables)
    ledger.used = {reference for field in fields.kept for reference in field.filled.used} | url.used
    ledger.missing |= fields.missing
    ledger.withheld |= fields.withheld
    in_query = fields_go_into_query(endpoint)
    body = body_of(endpoint, variables, () if in_query else fields.kept, ledger)
    if variables.for_find and (reason := _why_nobody(ledger, variables)):
        return NotSent(endpoint, reason, frozenset(ledger.withheld))
    query = [(field.name, as_text(field.filled.value)) for field in fields.kept if in_query and not field.is_file]
    return Request(
        endpoint=endpoint,
        method=endpoint.method,
        url=url.with_query(query).text,
        headers=_headers(endpoint, variables, ledger),
        body=body,
        searched=_searched(ledger, variables),
        missing=frozenset(ledger.missing),
        withheld=frozenset(ledger.withheld),
    )


def _query(text: Template, variables: Variables) -> Filled:
    """Fill a query parameter that is part of the URL."""
    return text.fill(variables, SAFE if variables.for_find else "none")


def _headers(endpoint: Endpoint, variables: Variables, ledger: Ledger) -> dict[str, str]:
    filled = {header.key: fill_value(header.value, variables) for header in endpoint.headers}
    ledger.missing |= {reference for each in filled.values() for reference in each.missing}
    headers = {key: _header_text(as_text(each.value)) for key, each in filled.items() if not each.is_empty}
    if variables.context.marker and endpoint.idempotency_header and not variables.for_find:
        headers[endpoint.idempotency_header] = variables.context.marker
    return headers


def _why_nobody(ledger: Ledger, variables: Variables) -> str | None:
    """Return why a find has no identifying value to search by; None when it has one."""
    if is_by_marker(variables):
        return None if MARKER in ledger.used else "it has no parameter that searches by the marker"
    if any(map(is_identifying, ledger.used)):
        return None
    without = sorted(str(each) for each in ledger.missing - {MARKER} if is_identifying(each))
    return f"nothing to search by: no value for {', '.join(without)}" if without else "nothing to search by"


def _searched(ledger: Ledger, variables: Variables) -> SearchedBy:
    names = {reference.name for reference in ledger.used}
    context = variables.context
    return SearchedBy(
        phone=context.phone if names & _PHONES else "",
        email=context.email if "EMAIL" in names else "",
        ids=frozenset(as_text(variables(Reference(name))) for name in names & _IDS),
    )


def _header_text(value: str) -> str:
    """Write a header's value: one line, non-ASCII text as UTF-8, which servers expect."""
    return value.translate(_CONTROLS).strip().encode("utf-8", "replace").decode("latin-1")
