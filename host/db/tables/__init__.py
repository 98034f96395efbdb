"""All tables of the product, by what they hold.

Their names start with `pb_`; the job engine has tables in the same database. How
they are read and written belongs to each feature. Read `sessions.py` first.
"""

from host.db.tables.base import BigId, UtcDateTime, metadata
from host.db.tables.events import claims, journal, streams, tabs, webhook_deliveries, webhooks
from host.db.tables.files import deliveries, destinations, reconciliations, session_files
from host.db.tables.people import (
    company_keys,
    queue_agents,
    queues,
    settings,
    sign_ins,
    throttles,
    tickets,
    used_tokens,
    users,
)
from host.db.tables.sessions import (
    attachments,
    end_users,
    messages,
    participants,
    ratings,
    receipts,
    sessions,
    smart_actions,
    transfers,
    wrap_ups,
)
from host.db.tables.work import heartbeats, intents, jobs, known_accounts, oauth_states, oauth_tokens, traces, unshown

__all__ = [
    "BigId",
    "UtcDateTime",
    "attachments",
    "claims",
    "company_keys",
    "deliveries",
    "destinations",
    "end_users",
    "heartbeats",
    "intents",
    "jobs",
    "journal",
    "known_accounts",
    "messages",
    "metadata",
    "oauth_states",
    "oauth_tokens",
    "participants",
    "queue_agents",
    "queues",
    "ratings",
    "receipts",
    "reconciliations",
    "session_files",
    "sessions",
    "settings",
    "sign_ins",
    "smart_actions",
    "streams",
    "tabs",
    "throttles",
    "tickets",
    "traces",
    "transfers",
    "unshown",
    "used_tokens",
    "users",
    "webhook_deliveries",
    "webhooks",
    "wrap_ups",
]
