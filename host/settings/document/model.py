"""The model of the whole settings file.

Source: docs/reference/settings.md, Sections.
"""

from collections.abc import Iterable
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field
from pydantic import StrictInt as Whole

from host.addresses import literal_host
from host.crm.settings.crm import CrmSettings
from host.email_update.settings import EmailOutcome, Smtp
from host.field_mapping.settings import FieldMapping
from host.queues.settings import QueueSettings
from host.schema import NO_SECRET, Secret, Section
from host.settings.document.budgets import Budgets
from host.settings.document.sections import (
    AdapterSource,
    Chat,
    DisplayCrm,
    Email,
    Embedding,
    Listeners,
    LookupUrls,
    Seconds,
    SignIn,
    Text,
    Voice,
)
from host.storage.settings import ExternalStorage
from host.users.roles import ROLES, Role
from host.webhooks.settings import MOST_WEBHOOKS, Webhook

VERSION: Literal[1] = 1


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"found {name!r}; allowed: a time zone such as UTC or Europe/Berlin")
    return name


def _queue_name(name: str) -> str:
    if name != name.strip() or not name or " / " in name:
        raise ValueError(
            f'found {name!r}; allowed: a name without blanks around it and without " / ", which joins paths'
        )
    return name


def _any_role(roles: tuple[Role, ...]) -> tuple[Role, ...]:
    if not roles:
        raise ValueError(f"found none; allowed: at least one of {', '.join(ROLES)}")
    return roles


class Settings(Section):
    """All settings except users and queues, which are rows of their own."""

    product_name: Text = "Patchbay"
    time_zone: Annotated[str, AfterValidator(_time_zone)] = "UTC"
    company_secret_jwt: Secret = NO_SECRET
    """Signs custom data; a secret for this purpose only, 16 bytes or more."""
    crm: CrmSettings = CrmSettings()
    lookup_urls: LookupUrls = LookupUrls()
    display_crm: DisplayCrm = DisplayCrm()
    adapter_source: AdapterSource = AdapterSource()
    listeners: Listeners = Listeners()
    embedding: Embedding = Embedding()
    after_session_delay_s: Seconds = 900
    email_outcome: EmailOutcome = EmailOutcome()
    smtp: Smtp = Smtp()
    external_storage: ExternalStorage = ExternalStorage()
    field_mappings: tuple[FieldMapping, ...] = ()
    chat: Chat = Chat()
    voice: Voice = Voice()
    sign_in: SignIn = SignIn()
    budgets: Budgets = Budgets()
    webhooks: Annotated[tuple[Webhook, ...], Field(max_length=MOST_WEBHOOKS)] = ()

    def page_hosts(self, open_custom_urls: Iterable[str] = ()) -> tuple[str, ...]:
        """Return the `host[:port]` of all pages that may pop.

        Args:
            open_custom_urls: The open custom URLs of the queues.
        """
        if self.crm.page_hosts is not None:
            return self.crm.page_hosts
        own = (self.crm.account_lookup_url, self.crm.record_lookup_url, self.display_crm.url)
        templates = (*own, self.lookup_urls.phone, self.lookup_urls.sdk, *open_custom_urls)
        return tuple(dict.fromkeys(host for template in templates if (host := literal_host(template))))


class UserEntry(Section):
    """One user in the file."""

    email: Email
    name: Text | None = None
    """null: unchanged, or the e-mail for a new user."""
    roles: Annotated[tuple[Role, ...], AfterValidator(_any_role)] = ("agent",)
    agent_number: str | None = None
    password: Secret | None = None
    """null: the stored one stays."""
    max_chats: Annotated[Whole, Field(ge=1, le=100)] = 3


class QueueEntry(QueueSettings):
    """One queue in the file, with the queues below it."""

    name: Annotated[str, AfterValidator(_queue_name)]
    lang: Text = "en"
    agents: tuple[Email, ...] | None = None
    """E-mails; null: unchanged."""
    queues: tuple["QueueEntry", ...] = ()


class Document(Settings):
    """The whole file."""

    version: Literal[1] = VERSION
    queues: tuple[QueueEntry, ...] = ()
    users: tuple[UserEntry, ...] = ()
