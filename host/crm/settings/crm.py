"""Settings `crm`: which CRM there is and how to talk to it.

Source: docs/reference/settings.md, crm; docs/reference/generic-api.md, Settings.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator
from pydantic import StrictBool as Switch
from pydantic import StrictInt as Whole

from host.addresses import host, literal_host, template_url_or_empty
from host.crm.settings.auth import AuthSettings, HeadersAuth, OAuth2Auth
from host.crm.settings.endpoint import Endpoint, OnUnknown, PhoneFormatName, SettleSeconds, TimeoutSeconds
from host.crm.settings.inheritance import filled_in
from host.schema import Section

EndpointName = Literal[
    "find_account_by_query",
    "find_account_by_id",
    "create_account",
    "find_record_by_query",
    "find_record_by_id",
    "create_record",
    "update_record",
    "upload_file",
    "add_comment",
]
Host = Annotated[str, AfterValidator(host)]
UrlTemplate = Annotated[str, AfterValidator(template_url_or_empty)]
CommentEvent = Literal["start", "end", "csat", "custom_data", "transfer", "disposition", "survey"]
UpdateEvent = Literal["start", "connected", "queue_selected", "verified", "csat", "end", "wrap_up"]


class Endpoints(Section):
    """The endpoints of the CRM; a function without its endpoint is off."""

    find_account_by_query: Endpoint | None = None
    find_account_by_id: Endpoint | None = None
    create_account: Endpoint | None = None
    find_record_by_query: Endpoint | None = None
    find_record_by_id: Endpoint | None = None
    create_record: Endpoint | None = None
    update_record: Endpoint | None = None
    upload_file: Endpoint | None = None
    add_comment: Endpoint | None = None


class CrmSettings(Section):
    """Which CRM there is and how to talk to it."""

    type: Literal["none", "custom"] = "none"
    name: str = ""
    custom_fields: Literal["automatic", "generic", "zendesk", "salesforce", "kustomer"] = "automatic"
    """How it takes the fields that custom data is mapped to; `automatic`: by its hosts."""
    key: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """What its ids are known by; empty: the endpoints' hosts."""
    auth: AuthSettings = HeadersAuth()
    phone_format: PhoneFormatName = "e164"
    default_region: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "US"
    timeout_s: TimeoutSeconds = 5
    """Bounds a whole request, DNS and TLS included."""
    allowed_hosts: tuple[Host, ...] = ()
    page_hosts: tuple[Host, ...] | None = None
    """null: the literal hosts of the lookup, display and open-custom URLs."""
    frame_hosts: tuple[Host, ...] = ()
    sandbox_frames: Switch = True
    """Whether the CRM's pages are kept from leading the whole shell elsewhere; false where they don't work so."""
    allow_private_addresses: Switch = False
    ca_bundle: str = ""
    """Path of a PEM file; empty: the system's."""
    client_certificate: str = ""
    """Path of a PEM file with certificate and key; empty: none."""
    account_lookup_url: UrlTemplate = ""
    record_lookup_url: UrlTemplate = ""
    reuse_records: Literal["never", "account", "account_and_queue"] = "never"
    reuse_closed_days: Annotated[Whole, Field(ge=0)] = 0
    ask_on_many: Switch = False
    skip_account_creation: Switch = False
    skip_record_creation: Switch = False
    pop_on: Literal["offer", "answer"] = "answer"
    subject_template: str = ""
    """Empty: "{SESSION_TYPE} via <product name>"."""
    description_template: str = ""
    comment_on: tuple[CommentEvent, ...] = ("start", "end", "csat", "custom_data", "transfer", "disposition", "survey")
    update_on: tuple[UpdateEvent, ...] = ("connected", "end", "wrap_up", "csat")
    settle_s: SettleSeconds = 30
    on_unknown: OnUnknown = "ask"
    idempotency_header: str = "Idempotency-Key"
    endpoints: Endpoints = Endpoints()

    @model_validator(mode="before")
    @classmethod
    def _inherit(cls, given: Any) -> Any:
        return filled_in(given) if isinstance(given, dict) else given

    @field_validator("default_region", mode="before")
    @classmethod
    def _upper_case(cls, region: Any) -> Any:
        return region.upper() if isinstance(region, str) else region

    def api_hosts(self) -> list[str]:
        """Return the literal hosts that requests go to, those of authentication last: `["acme.zendesk.com"]`."""
        urls = [found.url for name in Endpoints.model_fields if (found := getattr(self.endpoints, name))]
        if isinstance(self.auth, OAuth2Auth):
            urls += [self.auth.authorization_url, self.auth.token_url]
        return [found for url in urls if (found := literal_host(url))]

    def may_create(self, step: str) -> bool:
        """Tell whether an agent can have an account or a record created."""
        if step == "account":
            return self.endpoints.create_account is not None and not self.skip_account_creation
        return self.endpoints.create_record is not None and not self.skip_record_creation

    def endpoint(self, name: EndpointName) -> Endpoint | None:
        """Return the endpoint with all it inherits, or None when it isn't set."""
        found: Endpoint | None = getattr(self.endpoints, name)
        return found
