"""The services of the host, built and connected, for web processes and workers. No Flask."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from ulid import ULID

from host.clock import Clock, SystemClock
from host.config import Config
from host.crm.auth.access_tokens import Tokens
from host.crm.auth.clients import Clients
from host.crm.auth.oauth_connection import CrmOAuth
from host.crm.auth.token_store import TokenStore
from host.crm.steps.runner import CrmRunner
from host.db.engine import Database
from host.events import bus as buses
from host.events import journal
from host.events.bus import Bus
from host.events.hub import Hub
from host.files.session_files import SessionFile, permanent_url
from host.orchestration.after_session import Documents
from host.orchestration.agents import Agents
from host.orchestration.chat_files import ChatFiles
from host.orchestration.crm_decisions import Decisions
from host.orchestration.crm_outbox import CrmOutbox
from host.orchestration.documents import DocumentWriter
from host.orchestration.field_mappings import FieldMappings, MappedFields
from host.orchestration.file_work import FileWork
from host.orchestration.outcome_mail import OutcomeMail
from host.orchestration.session_actions import SessionActions
from host.orchestration.storage_access import StorageAccess
from host.rate_limiter import RateLimiter
from host.reports.session_metadata.document import shapes_by_id
from host.sessions.calls import Calls
from host.sessions.chats import Chats
from host.sessions.inactivity import Inactivity, Patience
from host.sessions.model import Session
from host.sessions.ratings import Ratings
from host.sessions.receipts import Receipts
from host.sessions.smart_actions import SmartActions
from host.sessions.talk import ChatLimits
from host.sessions.verification import Verification
from host.settings.repository import SettingsRepository
from host.settings.secrets import Secrets
from host.users.cached_throttle import CachedThrottle
from host.webhooks.planner import Planner
from host.webhooks.sender import Sender

CRM_THREADS = 16
"""Sessions whose account and record a web process looks up at the same time; further ones wait."""


@dataclass(frozen=True)
class Services:
    """The services of one process."""

    config: Config
    clock: Clock
    process_id: str
    database: Database
    settings: SettingsRepository
    hub: Hub
    bus: Bus
    actions: SessionActions
    ratings: Ratings
    verification: Verification
    smart_actions: SmartActions
    inactivity: Inactivity
    receipts: Receipts
    agents: Agents
    decisions: Decisions
    field_mappings: FieldMappings
    chat_files: ChatFiles
    clients: Clients
    crm_oauth: CrmOAuth
    runner: CrmRunner
    files: FileWork
    """Makes, keeps and delivers the files of sessions."""
    storage: StorageAccess
    outcome_mail: OutcomeMail
    rate_limiter: RateLimiter
    """Limits for a minute, in this process."""
    throttle: CachedThrottle
    """Limits over all processes."""
    webhooks: Sender
    """Sends webhooks, in a worker."""
    stop: Callable[[], None]
    """Ends the threads and connections of this process."""

    @property
    def chats(self) -> Chats:
        """The actions on chats."""
        return self.actions.chats

    def file_url(self, file: SessionFile) -> str:
        """Return the address of a session's file that other systems may keep."""
        return permanent_url(self.config.public_url, file)

    @property
    def calls(self) -> Calls:
        """The actions on calls."""
        return self.actions.calls


def build(config: Config, *, clock: Clock | None = None) -> Services:
    """Build the services of one process; nothing is started."""
    clock = clock or SystemClock()
    database = Database(config.database_url)
    secrets = Secrets.of(config.secret_keys, config.data)
    settings = SettingsRepository(database, secrets, clock)
    clients = Clients(Tokens(TokenStore(database, secrets, clock), clock))
    hub, process_id = Hub(), str(ULID())
    bus = buses.follow(database, hub.wake, hub.hear)
    pool = ThreadPoolExecutor(CRM_THREADS, thread_name_prefix="crm")

    def start_now(session_id: int) -> None:
        pool.submit(runner.run_session, session_id)

    def delay() -> timedelta:
        override = config.after_session_s
        return timedelta(seconds=settings.current().after_session_delay_s if override is None else override)

    url_of = partial(permanent_url, config.public_url)
    writer = DocumentWriter(settings.current, clock, url_of)
    outcome_mail = OutcomeMail(database, clock, settings.current, writer, config.public_url)
    storage = StorageAccess.of(database, secrets, clock, settings, config)
    files = FileWork.build(
        database,
        clock,
        config.data,
        settings.current,
        Documents(writer.transcript, writer.metadata, outcome_mail.is_wanted),
        url_of=url_of,
        delay=delay,
        send_mail=outcome_mail.send_outcome,
        open_storage=storage.open,
    )
    outbox = CrmOutbox(clock, lambda: settings.current().crm, start_now, files.after_session)
    runner = CrmRunner(
        database,
        lambda: settings.current().crm,
        clients,
        clock,
        outbox.on_known,
        texts=lambda: {"product_name": settings.current().product_name},
        files=config.data,
        custom_fields=MappedFields(settings.current, clock),
    )

    def zone() -> ZoneInfo:
        return ZoneInfo(settings.current().time_zone)

    actions = SessionActions.build(database, clock, outbox, limits=lambda: _chat_limits(settings), zone=zone)

    def shapes(connection: Connection, sessions: Sequence[Session]) -> Mapping[int, Mapping[str, Any]]:
        crm = settings.current().crm
        return shapes_by_id(connection, sessions, crm, url_of=url_of, now=clock.now())

    journal.listen(database, Planner(lambda: settings.current().webhooks).on_fact)

    def stop() -> None:
        bus.stop()
        pool.shutdown(wait=False, cancel_futures=True)
        runner.close()
        database.close()

    return Services(
        config=config,
        clock=clock,
        process_id=process_id,
        database=database,
        settings=settings,
        hub=hub,
        bus=bus,
        actions=actions,
        inactivity=Inactivity(outbox, lambda: _patience(settings)),
        receipts=Receipts(database, clock, bus.signal),
        agents=Agents(database, clock, process_id, actions),
        ratings=Ratings(database, clock, outbox),
        verification=Verification(database, clock, outbox),
        smart_actions=SmartActions(database, clock, outbox),
        clients=clients,
        crm_oauth=CrmOAuth(
            database, secrets, clock, lambda: settings.current().crm, clients=clients, public_url=config.public_url
        ),
        decisions=Decisions(database, clock, lambda: settings.current().crm, outbox.on_known, outbox.start_now),
        chat_files=ChatFiles(database, clock, config.data),
        field_mappings=FieldMappings(settings, clients),
        runner=runner,
        files=files,
        storage=storage,
        outcome_mail=outcome_mail,
        rate_limiter=RateLimiter(),
        throttle=CachedThrottle(database, clock),
        webhooks=Sender(database, clock, lambda: settings.current().webhooks, shapes),
        stop=stop,
    )


def _chat_limits(settings: SettingsRepository) -> ChatLimits:
    budgets = settings.current().budgets
    return ChatLimits(budgets.messages_per_chat, budgets.bytes_per_chat)


def _patience(settings: SettingsRepository) -> Patience:
    chat = settings.current().chat
    return Patience(chat.dismiss_after_s, chat.end_after_s)
