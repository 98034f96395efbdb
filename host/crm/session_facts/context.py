"""Reads the facts of a session from the database, for the variables of CRM requests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import Connection

from host.crm.auth import token_store as oauth_store
from host.crm.session_facts.crm_identity import CrmIdentity
from host.crm.session_facts.snapshots import Snapshot
from host.crm.templates.variables import Context
from host.events.journal import Entry
from host.queues import tree
from host.queues.tree import Queue
from host.sessions import durations, ratings, repository, smart_actions, wrap_up
from host.sessions.durations import Span
from host.sessions.model import EndUser, Session
from host.sessions.ratings import Rating
from host.sessions.smart_actions import Report
from host.sessions.wrap_up import WrapUp
from host.users import directory
from host.users.directory import User
from host.wire.session_types import BY_KEY

VOICEMAIL = "Voicemail"
"""`{TYPE}` of a call that ends in a voicemail."""
VOICEMAILS = ("voicemail", "voicemail_received", "voicemail_read")


@dataclass(frozen=True)
class RelatedFacts:
    """The facts about a session from other tables."""

    person: EndUser
    agent: User | None
    queue: Queue | None
    base_url: str
    """The API's address from the token answer; empty: there is none."""
    hold_facts: Sequence[Entry] = ()
    """The facts of the journal by which `host.sessions.durations.hold` is calculated."""
    wrap_ups: Sequence[WrapUp] = ()
    smart_actions: Sequence[Report] = ()
    rating: Rating = ratings.NOTHING


def load(
    connection: Connection,
    session_id: int,
    *,
    now: datetime,
    crm: CrmIdentity,
    texts: Mapping[str, str] | None = None,
    snapshot: Snapshot | None = None,
) -> Context:
    """Read the facts of a session.

    Args:
        connection: In any transaction.
        session_id: 103646.
        now: `{NOW}`, and the end of an unfinished wait.
        crm: The CRM that the settings name; ids of another CRM are left out.
        texts: `product_name`, `subject_template`, `description_template`.
        snapshot: Return the facts as they were then; None: as they are now.
    """
    session = crm.without_foreign_ids(repository.get(connection, session_id))
    if snapshot is None:
        return of(session, _read_related(connection, session), now=now, texts=texts)
    session = snapshot.apply_to(session)
    found = of(session, _read_related(connection, session), now=snapshot.at, texts=texts, event=snapshot.event)
    return _as_rated(found, snapshot) if snapshot.event == "csat" else found


def of(
    session: Session, related: RelatedFacts, *, now: datetime, texts: Mapping[str, str] | None = None, event: str = ""
) -> Context:
    """Return the facts of a session whose people and queue were read already; arguments as in `load`."""
    kind = BY_KEY[session.type]
    facts: dict[str, Any] = {
        **_details(session),
        **_person(related.person),
        **_agent(related.agent),
        **_queue(related.queue),
        **_smart_actions(related.smart_actions, now),
        **(texts or {}),
    }
    return Context(
        session_id=session.id,
        channel=cast(Literal["call", "chat"], session.channel),
        now=now,
        session_type=kind.name_v2,
        lookup_type=VOICEMAIL if session.status in VOICEMAILS else kind.lookup,
        is_mobile=session.type.endswith("_mobile"),
        status=session.status,
        event=event,
        lang=session.lang,
        direction="outgoing" if _is_outbound(session) else "incoming",
        disconnected_by=session.disconnected_by or "",
        account_id=session.account_id,
        record_id=session.record_id,
        wait=durations.wait(session, now),
        duration=durations.talk(session, now),
        hold=durations.hold(session, related.hold_facts, now),
        after_call_work=_after_call_work(related.wrap_ups, now),
        custom_data=session.custom_data,
        is_verified=_is_verified(session, now),
        base_url=related.base_url,
        rating=related.rating.rating,
        feedback=related.rating.feedback or "",
        **facts,
    )


def _as_rated(found: Context, snapshot: Snapshot) -> Context:
    """Return the facts with the rating of that time."""
    then = snapshot.details
    return replace(found, rating=then.get("rating"), feedback=then.get("feedback") or "")


def _read_related(connection: Connection, session: Session) -> RelatedFacts:
    return RelatedFacts(
        person=repository.end_user(connection, session.end_user_id),
        agent=directory.by_id(connection, session.agent_id) if session.agent_id is not None else None,
        queue=tree.by_id(connection, session.queue_id) if session.queue_id is not None else None,
        base_url=oauth_store.base_url(connection),
        hold_facts=durations.hold_facts(connection, [session.id])[session.id],
        wrap_ups=wrap_up.of_sessions(connection, [session.id])[session.id],
        smart_actions=smart_actions.of_sessions(connection, [session.id])[session.id],
        rating=ratings.of_session(connection, session.id),
    )


def _after_call_work(wrap_ups: Sequence[WrapUp], now: datetime) -> timedelta | None:
    """Return how long the session's wrap-ups have taken together, until `now`; None before the first."""
    begun = [Span(each.started_at, each.finished_at) for each in wrap_ups if each.started_at < now]
    return durations.total(begun, now) if begun else None


def _smart_actions(reports: Sequence[Report], now: datetime) -> dict[str, str]:
    """Return the id of the last smart action until `now`, how the last verification went, and the last text."""
    known = [report.about for report in reports if report.at <= now]
    verified = [each.status for each in known if each.type == smart_actions.VERIFICATION]
    texts = [each.value for each in known if each.type == smart_actions.TEXT_INPUT and each.value is not None]
    return {
        "smart_action_session_id": known[-1].id if known else "",
        "smart_action_verification": verified[-1] if verified else "",
        "smart_action_text": texts[-1] if texts else "",
    }


def _is_verified(session: Session, now: datetime) -> bool:
    """Tell whether the session was verified at a time; one without a time was from its start."""
    at = session.details.get("verified_at")
    return session.is_verified and (at is None or datetime.fromisoformat(at) <= now)


def _is_outbound(session: Session) -> bool:
    return "outbound" in session.type or session.type == "voice_campaign"


def _details(session: Session) -> dict[str, Any]:
    names = ("device_type", "support_number", "outbound_number")
    return {name: str(session.details[name]) for name in names if session.details.get(name)}


def _person(user: EndUser) -> dict[str, Any]:
    facts = {name: getattr(user, name) or "" for name in ("identifier", "name", "email", "phone")}
    return {**facts, "end_user_id": user.id}


def _agent(user: User | None) -> dict[str, Any]:
    if user is None:
        return {}
    return {"agent_id": user.id, "agent_number": user.agent_number or "", "agent_email": user.email}


def _queue(queue: Queue | None) -> dict[str, Any]:
    return {"queue_id": queue.id, "queue_path": queue.path} if queue else {}
