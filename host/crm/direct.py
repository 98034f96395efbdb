"""Asks the CRM at once and outside any session: for shell pages and vendors' listeners.

Nothing is written down and nothing is tried again: whoever asks sees the answer, and may ask again.

Source: 30-generic-api.md, The server-side proxy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from host.crm import by_id, comments, links, matching, pages, response
from host.crm.answer import Answer
from host.crm.auth.signed import SignedClient
from host.crm.body import render, renderings
from host.crm.endpoint import Endpoint
from host.crm.model import CrmSettings, EndpointName
from host.crm.normal import Shape, shape
from host.crm.outcome import Meaning, Outcome, classify
from host.crm.request import NotSent, Request
from host.crm.response import CrmId, Hit
from host.crm.variables import Context, Variables
from host.errors import ConfigError, CrmAnswerError, CrmAuthError, CrmError, CrmRejectedError, CrmUnavailableError


@dataclass(frozen=True)
class DirectCrm:
    """The CRM's endpoints, for one request of a page."""

    settings: CrmSettings
    client: SignedClient
    context: Context
    """What the page has told; `session_id` is 0."""
    raw: bool = False
    """Whether the CRM's own objects come along."""

    def find(self, name: EndpointName) -> list[Shape]:
        """Search; none for no match, or when there is nothing to search by.

        Raises:
            ConfigError: The endpoint is not set.
            CrmError: The CRM failed.
        """
        endpoint = self._endpoint(name)
        variables = self._variables(name, for_find=True)
        for request in renderings(endpoint, variables):
            if isinstance(request, Request) and (hits := self._hits(name, request, variables)):
                return [self._shape(name, hit, request.endpoint) for hit in hits]
        return []

    def create(self, name: EndpointName) -> Shape:
        """Create an account or record; one that exists already is given back.

        Raises:
            ConfigError: The endpoint is not set.
            CrmAnswerError: The CRM said yes, but there is no id at the location.
            CrmError: It refused, or failed.
        """
        endpoint, variables = self._endpoint(name), self._variables(name)
        answer, outcome = self._sent(name, endpoint, variables)
        if outcome.meaning is Meaning.DUPLICATE:
            existing = response.duplicate_id(endpoint, answer)
            if existing is None:
                raise CrmRejectedError(name, "exists already", status=answer.status)
            return self._shape(name, Hit(existing, {}), endpoint)
        hits = response.read(endpoint, answer, variables, name=name)
        if not hits:
            raise CrmAnswerError(name, "there is nothing at the response location to read the id from")
        return self._shape(name, hits[0], endpoint)

    def update(self, record_id: CrmId) -> Shape:
        """Change a record.

        Raises:
            ConfigError: The endpoint is not set.
            CrmError: The CRM refused, or failed.
        """
        endpoint, variables = self._endpoint("update_record"), self._variables("update_record")
        answer, _ = self._sent("update_record", endpoint, variables)
        found = self._read("update_record", endpoint, answer, variables)
        return self._shape("update_record", Hit(record_id, found.object if found else {}), endpoint)

    def comment(self, text: str) -> Shape:
        """Add a comment to the context's record.

        Raises:
            ConfigError: The endpoint is not set.
            CrmError: The CRM refused, or failed.
        """
        endpoint = self._endpoint("add_comment")
        body = comments.written(text, endpoint.text_format)
        variables = self._variables("add_comment", comment_body=body)
        answer, _ = self._sent("add_comment", endpoint, variables)
        found = self._read("add_comment", endpoint, answer, variables)
        return _only(found.id if found else None)

    def upload(self) -> Shape:
        """Add the context's file to its record.

        Raises:
            ConfigError: The endpoint is not set.
            CrmError: The CRM refused, or failed.
        """
        endpoint, variables = self._endpoint("upload_file"), self._variables("upload_file")
        answer, _ = self._sent("upload_file", endpoint, variables)
        kept = response.attachment(endpoint, answer) if endpoint.attachment else None
        if kept is None or endpoint.attachment is None:
            return _only(None)
        if endpoint.attachment.type == "url":
            return _only(None, str(kept))
        link = links.attachment_link(endpoint.attachment.url, variables, kept)
        return _only(kept, link if isinstance(link, str) else None)

    def _endpoint(self, name: EndpointName) -> Endpoint:
        endpoint = self.settings.endpoint(name)
        if self.settings.type == "none" or endpoint is None:
            raise ConfigError(f"crm.endpoints.{name}: is not set; an admin sets it to make this possible")
        return endpoint

    def _variables(self, name: str, *, for_find: bool = False, comment_body: str = "") -> Variables:
        context = replace(self.context, base_url=self.client.base_url(name), comment_body=comment_body)
        return Variables(context, region=self.settings.default_region, for_find=for_find)

    def _sent(self, name: EndpointName, endpoint: Endpoint, variables: Variables) -> tuple[Answer, Outcome]:
        """Send what changes something; the answer means done, or exists already."""
        request = render(endpoint, variables)
        if isinstance(request, NotSent):
            raise CrmRejectedError(name, f"cannot be sent: {request.reason}")
        answer = self._ask(name, request)
        outcome = classify(endpoint, answer, values=variables, now=self.context.now)
        if outcome.meaning not in {Meaning.OK, Meaning.DUPLICATE}:
            raise _refusal(name, answer, outcome)
        return answer, outcome

    def _hits(self, name: EndpointName, request: Request, variables: Variables) -> Sequence[Hit]:
        answer = self._ask(name, request)
        outcome = classify(request.endpoint, answer, for_find=True, values=variables, now=self.context.now)
        asked = by_id.asked_for(name, self.context)
        outcome = by_id.read_as(outcome, answer.status, asked)
        if outcome.meaning is Meaning.NOT_FOUND:
            return ()
        if outcome.meaning is not Meaning.OK:
            raise _refusal(name, answer, outcome)
        hits = response.read(request.endpoint, answer, variables, name=name, asked=asked)
        if asked is not None:
            return by_id.of_id(hits, asked, request.endpoint).kept
        if name == "find_record_by_query":
            return matching.of_account(hits, self.context.account_id, request.endpoint).kept
        if name != "find_account_by_query":
            return hits
        return matching.verify(hits, request.searched, request.endpoint, region=self.settings.default_region).kept

    def _ask(self, name: EndpointName, request: Request) -> Answer:
        headers, body = request.sent
        return self.client.send(
            name,
            request.method,
            request.url,
            headers=headers,
            body=body,
            timeout_s=request.endpoint.timeout_s,
            upload=request.is_upload,
        )

    def _read(self, name: EndpointName, endpoint: Endpoint, answer: Answer, variables: Variables) -> Hit | None:
        """Return what the answer tells of a change; many tell nothing."""
        try:
            return next(iter(response.read(endpoint, answer, variables, name=name)), None)
        except CrmAnswerError:
            return None

    def _shape(self, name: EndpointName, hit: Hit, endpoint: Endpoint) -> Shape:
        def url_of(found: CrmId) -> str | None:
            if "account" in name:
                return pages.account_url(self.settings, replace(self.context, account_id=found))
            return pages.record_url(self.settings, replace(self.context, record_id=found))

        return shape(hit, endpoint, url_of, raw=self.raw)


def _only(kept_id: CrmId | None, url: str | None = None) -> Shape:
    """Return the shape of what has nothing but an id."""
    nothing: Mapping[str, Any] = dict.fromkeys(("name", "phone", "email", "subject", "status"))
    return {"id": kept_id, "url": url, **nothing}


def _refusal(name: str, answer: Answer, outcome: Outcome) -> CrmError:
    if outcome.meaning is Meaning.UNAVAILABLE:
        return CrmUnavailableError(name, outcome.reason, retry_after_s=outcome.retry_after_s)
    kind = CrmAuthError if outcome.meaning is Meaning.AUTH else CrmRejectedError
    return kind(name, outcome.reason, status=answer.status)
