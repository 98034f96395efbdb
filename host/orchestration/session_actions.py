"""Builds the actions on calls and chats, connected to routing, the outbox and the audio of calls."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from host.clock import Clock
from host.db.engine import Database
from host.routing import routing
from host.sessions import deflecting
from host.sessions.before_agents import BeforeAgents
from host.sessions.call_controls import CallControls
from host.sessions.calls import Calls
from host.sessions.chats import Chats
from host.sessions.deflecting import Deflector
from host.sessions.offers import Offers
from host.sessions.outbox import Outbox
from host.sessions.supervision import Supervision
from host.sessions.talk import ChatLimits
from host.sessions.transfers import Transfers
from host.sessions.virtual_agents import VirtualAgents
from host.sessions.wrap_up import WrapUps
from host.voice.voice import GatewayVoice, Voice


@dataclass(frozen=True)
class SessionActions:
    """What can be done with calls and chats."""

    chats: Chats
    calls: Calls
    before_agents: BeforeAgents
    controls: CallControls
    offers: Offers
    transfers: Transfers
    wrap_ups: WrapUps
    supervision: Supervision
    virtual_agents: VirtualAgents
    route: Callable[[Connection, datetime], None]
    """Offers what waits."""

    @classmethod
    def build(
        cls,
        database: Database,
        clock: Clock,
        outbox: Outbox,
        *,
        limits: Callable[[], ChatLimits] = ChatLimits,
        zone: Callable[[], ZoneInfo] = deflecting.utc,
        voice: Voice | None = None,
    ) -> "SessionActions":
        """Build the actions.

        Args:
            database: Of the sessions.
            clock: For all times.
            outbox: Plans the work in the CRM.
            limits: Of chats.
            zone: Returns the time zone of business hours.
            voice: Carries the audio of calls; None: a gateway does, elsewhere.
        """
        voice = voice or GatewayVoice()
        route = partial(_route, outbox)
        deflector = Deflector(outbox, zone)
        calls = Calls(database, clock, outbox, route=route, voice=voice, deflector=deflector)
        transfers = Transfers(
            database,
            clock,
            outbox,
            route=route,
            find_agent=routing.find_agent,
            is_free=routing.is_free,
            follow=voice.follow,
            deflector=deflector,
        )
        return cls(
            chats=Chats(database, clock, outbox, route, limits, deflector=deflector),
            calls=calls,
            before_agents=BeforeAgents(database, clock, outbox, route=route, deflector=deflector),
            controls=CallControls(database, clock, voice, routing.is_free),
            offers=Offers(
                database,
                clock,
                outbox,
                route=route,
                connect=calls.connect_if_ready,
                end_invitation=transfers.end_invitation,
                follow=voice.follow,
            ),
            transfers=transfers,
            wrap_ups=WrapUps(database, clock, outbox, route),
            supervision=Supervision(database, clock, outbox, route),
            virtual_agents=VirtualAgents(database, clock),
            route=route,
        )

    def run_timers(self, connection: Connection, now: datetime) -> None:
        """Queue the calls that are due; end offers, invitations and wrap-ups whose time is over.

        Args:
            connection: In a writing transaction that holds the lock `ROUTING`.
            now: The current time.
        """
        routing.expire(connection, now)
        self.calls.queue_due(connection, now)
        self.transfers.expire(connection, now)
        self.wrap_ups.end_overdue(connection, now)


def _route(outbox: Outbox, connection: Connection, now: datetime) -> None:
    routing.route(connection, now, outbox.on_offered)
