"""The CRM's endpoints for shell pages and vendors' listeners, outside any session.

An endpoint runs completely, with its steps, versions and pages. Nothing is stored and nothing is retried: the page
receives the answer, and may repeat its request.

Source: docs/reference/generic-api.md, The server-side proxy.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from host.crm.auth.signed_client import SignedClient
from host.crm.exchange.exchange import Exchange
from host.crm.exchange.follow_ups import FollowUps
from host.crm.exchange.unrecorded import Unrecorded
from host.crm.exchange.write import Written, write_to
from host.crm.intents.step_result import StepResult
from host.crm.proxy.shapes import Shape, shape
from host.crm.response import hits as response
from host.crm.response.hits import Hit
from host.crm.session_facts import comments, record_links
from host.crm.settings.crm import CrmSettings, EndpointName
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.variables import Context
from host.errors import ConfigError, CrmAnswerError, CrmRejectedError
from host.sessions.model import CrmId


@dataclass(frozen=True)
class CrmProxy:
    """Calls the CRM's endpoints for one request of a page."""

    settings: CrmSettings
    client: SignedClient
    context: Context
    """The facts that the page sent; `session_id` is 0."""
    work: Unrecorded
    raw: bool = False
    """Whether the answer includes the CRM's own objects."""
    exchange: Exchange = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "exchange", Exchange(self.settings, self.client, self.work))

    def find(self, name: EndpointName) -> list[Shape]:
        """Search; an empty list for no match, or when there is nothing to search by.

        Raises:
            ConfigError: The endpoint is not set.
            UnfinishedSearchError: The pages that were read have no match, and there are more pages than may be read.
            CrmError: The CRM failed.
        """
        endpoint = self._endpoint(name)
        found = self.exchange.find(name, self.context)
        if not found.hits:
            found.ensure_complete()
        return [self._shape(name, hit, endpoint) for hit in found.hits]

    def create(self, name: EndpointName) -> Shape:
        """Create an account or record; return the existing one for a duplicate.

        Raises:
            ConfigError: The endpoint is not set.
            CrmAnswerError: The answer means success, but has no id at its location.
            CrmError: The endpoint or one of its steps was refused or failed.
        """
        endpoint = self._endpoint(name)
        written = write_to(self.exchange.client, name, endpoint, self.context)
        if written.is_duplicate:
            return self._find_existing(name, endpoint, written)
        variables = self.exchange.client.variables(name, self.context)
        hits = response.read(endpoint, written.answer, variables, name=name)
        if not hits:
            raise CrmAnswerError(name, "there is nothing at the response location to read the id from")
        ids = {"account_id" if name == "create_account" else "record_id": hits[0].id}
        self._run_steps(name, endpoint, self.context.with_ids(**ids), written)
        return self._shape(name, hits[0], endpoint)

    def update(self, record_id: CrmId) -> Shape:
        """Change a record.

        Raises:
            ConfigError: The endpoint is not set.
            CrmError: The endpoint or one of its steps was refused or failed.
        """
        endpoint = self._endpoint("update_record")
        written = write_to(self.exchange.client, "update_record", endpoint, self.context)
        self._run_steps("update_record", endpoint, self.context, written)
        found = self._read_hit("update_record", endpoint, written)
        return self._shape("update_record", Hit(record_id, found.object if found else {}), endpoint)

    def comment(self, text: str) -> Shape:
        """Add a comment to the context's record.

        Raises:
            ConfigError: The endpoint is not set.
            CrmError: The endpoint or one of its steps was refused or failed.
        """
        endpoint = self._endpoint("add_comment")
        context = replace(self.context, comment_body=comments.format_text(text, endpoint.text_format))
        written = write_to(self.exchange.client, "add_comment", endpoint, context)
        self._run_steps("add_comment", endpoint, context, written)
        found = self._read_hit("add_comment", endpoint, written)
        return _bare_shape(found.id if found else None)

    def upload(self) -> Shape:
        """Add the context's file to its record.

        Raises:
            ConfigError: The endpoint is not set.
            CrmError: The endpoint or one of its steps was refused or failed.
        """
        endpoint = self._endpoint("upload_file")
        written = write_to(self.exchange.client, "upload_file", endpoint, self.context)
        kept = written.attachment()
        saved = self._run_steps("upload_file", endpoint, replace(self.context, attachment_id=kept), written)
        if endpoint.attachment is None:
            return _bare_shape(None)
        if endpoint.attachment.type == "url":
            return _bare_shape(None, None if kept is None else str(kept))
        variables = self.exchange.client.variables("upload_file", replace(self.context, saved=saved))
        link = record_links.attachment_link(endpoint.attachment.url, variables, kept)
        return _bare_shape(kept, link if isinstance(link, str) else None)

    def _endpoint(self, name: EndpointName) -> Endpoint:
        endpoint = self.settings.endpoint(name)
        if self.settings.type == "none" or endpoint is None:
            raise ConfigError(f"crm.endpoints.{name}: is not set; an admin sets it to make this possible")
        return endpoint

    def _run_steps(self, name: EndpointName, endpoint: Endpoint, context: Context, written: Written) -> dict[str, Any]:
        """Run the steps; return all saved values. The error names the step that failed; those before it are done."""
        return FollowUps(self.exchange.client, name, endpoint, context).run(StepResult(), written.saved)

    def _find_existing(self, name: EndpointName, endpoint: Endpoint, written: Written) -> Shape:
        """Return the object of a duplicate: by the id in the answer, else by the find."""
        existing = response.duplicate_id(endpoint, written.answer)
        if existing is not None:
            return self._shape(name, Hit(existing, {}), endpoint)
        if name == "create_account" and self.settings.endpoint("find_account_by_query"):
            for found in self.find("find_account_by_query"):
                return found
        raise CrmRejectedError(name, "exists already", status=written.answer.status)

    def _read_hit(self, name: EndpointName, endpoint: Endpoint, written: Written) -> Hit | None:
        """Return the hit in the answer to a change; many CRMs send none."""
        variables = self.exchange.client.variables(name, self.context)
        try:
            return next(iter(response.read(endpoint, written.answer, variables, name=name)), None)
        except CrmAnswerError:
            return None

    def _shape(self, name: EndpointName, hit: Hit, endpoint: Endpoint) -> Shape:
        def url_of(found: CrmId) -> str | None:
            if "account" in name:
                return record_links.account_url(self.settings, replace(self.context, account_id=found))
            return record_links.record_url(self.settings, replace(self.context, record_id=found))

        return shape(hit, endpoint, url_of, raw=self.raw)


def _bare_shape(kept_id: CrmId | None, url: str | None = None) -> Shape:
    """Return the shape of an object of which only id and URL are known."""
    nothing: Mapping[str, Any] = dict.fromkeys(("name", "phone", "email", "subject", "status"))
    return {"id": kept_id, "url": url, **nothing}
