"""Builds the lookup link that the adapter shows during a session; it is in the page only, never stored.

Source: docs/reference/lookup-links.md, Custom lookup URL.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from host.crm.session_facts import context as contexts
from host.crm.session_facts.context import RelatedFacts
from host.lookup import custom_url
from host.queues.tree import Queue
from host.sessions.model import EndUser, Session
from host.settings.document.model import Settings
from host.users.directory import User
from host.wire.session_types import BY_KEY


@dataclass(frozen=True)
class LookupView:
    """A link, or the reason why there is none."""

    url: str | None
    reason: str = ""


@dataclass(frozen=True)
class LookupReader:
    """Builds the links of one agent's sessions."""

    agent: User
    settings: Settings
    queues: Sequence[Queue]
    now: datetime

    def read(self, session: Session, consumer: EndUser) -> LookupView | None:
        """Return the link of a session; None without a template for its type."""
        template = self._template(session)
        if not template:
            return None
        queue = next((each for each in self.queues if each.id == session.queue_id), None)
        context = contexts.of(session, RelatedFacts(consumer, self.agent, queue, base_url=""), now=self.now)
        listed = self.settings.page_hosts([each.settings.open_custom_url for each in self.queues])
        link = custom_url.build(template, context, self.settings.crm, listed)
        return LookupView(link) if isinstance(link, str) else LookupView(None, link.reason)

    def _template(self, session: Session) -> str:
        urls = self.settings.lookup_urls
        return urls.phone if BY_KEY[session.type].lookup_url == "phone" else urls.sdk
