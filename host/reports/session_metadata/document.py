"""Builds the metadata documents of sessions."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection

from host.crm.session_facts import context as contexts
from host.crm.session_facts import crm_identity, record_links
from host.crm.settings.crm import CrmSettings
from host.queues.tree import Queue
from host.reports.failed_items import FailedItem, attempt
from host.reports.session_metadata.facts import Facts, Talk
from host.reports.session_metadata.file_parts import UrlOf, file_parts, transcript_name
from host.reports.session_metadata.model import CallMetadata, ChatMetadata, Consumer, Diagnostics, Menu, SessionMetadata
from host.reports.session_metadata.model_lists import DeflectionDetail, SurveyAnswer
from host.reports.session_metadata.parts import Parts
from host.reports.session_metadata.people import handler_info, menu_path
from host.sessions import durations
from host.sessions.model import CrmId, EndUser, Session
from host.sessions.ratings import Rating
from host.wire.session_types import BY_KEY

WHAT = "session in a list"
DETAILS = ("support_number", "outbound_number", "device_type", "campaign_id", "campaign_name")


def documents(
    connection: Connection, sessions: Sequence[Session], crm: CrmSettings, *, url_of: UrlOf, now: datetime
) -> list[CallMetadata | ChatMetadata | FailedItem]:
    """Return each session's document, in the same order, or a FailedItem.

    Args:
        connection: A reading one will do.
        sessions: Calls and chats.
        crm: Holds the lookup URLs; ids of another CRM are left out.
        url_of: Returns the address of a file.
        now: The end of unfinished durations.
    """
    ours = crm_identity.current(connection, crm)
    facts = Facts.load(connection, sessions, ours)

    def made(session: Session) -> CallMetadata | ChatMetadata:
        return _document(ours.without_foreign_ids(session), facts, crm, url_of, now)

    return [attempt(WHAT, session.id, session.id, partial(made, session)) for session in sessions]


def document(
    connection: Connection, session: Session, crm: CrmSettings, *, url_of: UrlOf, now: datetime
) -> CallMetadata | ChatMetadata:
    """Return the document of one session; arguments as in `documents`."""
    ours = crm_identity.current(connection, crm)
    facts = Facts.load(connection, [session], ours)
    return _document(ours.without_foreign_ids(session), facts, crm, url_of, now)


def shapes_by_id(
    connection: Connection, sessions: Sequence[Session], crm: CrmSettings, *, url_of: UrlOf, now: datetime
) -> dict[int, dict[str, Any]]:
    """Return each session as `shape` does, by id; without those that can't be shown."""
    made = documents(connection, sessions, crm, url_of=url_of, now=now)
    tried = [attempt(WHAT, each.id, each.id, partial(shape, each)) for each in made if not isinstance(each, FailedItem)]
    return {each["id"]: each for each in tried if not isinstance(each, FailedItem)}


def shape(document: SessionMetadata) -> dict[str, Any]:
    """Return a document as the platform API and webhooks show it."""
    recording_url = next((each.url for each in document.recordings if each.recording_type == "recording"), None)
    return {**document.model_dump(mode="json", by_alias=True), "recording_url": recording_url}


def _document(
    session: Session, facts: Facts, crm: CrmSettings, url_of: UrlOf, now: datetime
) -> CallMetadata | ChatMetadata:
    related = facts.related(session)
    values = {
        **_row(session, now),
        "end_user": _consumer(related.person, facts.accounts.get(session.end_user_id)),
        "agent_info": handler_info(related.agent, facts.histories[session.id]),
        **_queue(related.queue, facts.queues),
        **Parts(session, facts.histories[session.id], facts.people, now).all(),
        **_rating(related.rating),
        **file_parts(facts.files.get(session.id, ()), url_of),
        "diagnostics": _diagnostics(session, facts),
        "out_ticket_id": session.record_id,
        "out_ticket_url": record_links.record_url(crm, contexts.of(session, related, now=now)),
    }
    if session.channel == "call":
        return CallMetadata(**values)
    talk = _talk(facts.talks.get(session.id, Talk()))
    return ChatMetadata(**values, **talk, transcript=transcript_name(session))


def _row(session: Session, now: datetime) -> dict[str, Any]:
    kind = BY_KEY[session.type]
    same = [name for name in SessionMetadata.model_fields if name in Session.__dataclass_fields__]
    by = session.disconnected_by
    return {
        **{name: getattr(session, name) for name in same},
        **{name: session.details.get(name) for name in DETAILS},
        "session_type": kind.name,
        "session_type_v2": kind.name_v2,
        "disconnected_by": f"disconnected_by_{by}" if by else None,
        "wait_duration": durations.seconds(durations.wait(session, now)),
        "duration": durations.seconds(durations.talk(session, now)),
        "custom_data": dict(session.custom_data),
        **_deflection(session),
        "verified": session.is_verified,
    }


def _deflection(session: Session) -> dict[str, Any]:
    why = session.details.get("deflection")
    details = [DeflectionDetail(deflection=why, menu_id=session.queue_id, at=session.ends_at)] if why else []
    return {"deflection": why, "deflection_details": details}


def _rating(said: Rating) -> dict[str, Any]:
    return {"rating": said.rating, "feedback": said.feedback, "survey": [SurveyAnswer(**each) for each in said.survey]}


def _diagnostics(session: Session, facts: Facts) -> Diagnostics:
    return Diagnostics(
        browser=session.details.get("browser"),
        reconnects=facts.reconnects.get(session.id),
        crm_errors=facts.crm_errors.get(session.id, 0),
    )


def _consumer(person: EndUser, account_id: CrmId | None) -> Consumer:
    row = {name: getattr(person, name) for name in Consumer.model_fields if name != "out_contact_id"}
    return Consumer(**row, out_contact_id=account_id)


def _queue(queue: Queue | None, queues: dict[int, Queue]) -> dict[str, Any]:
    if queue is None:
        return {"selected_menu": None, "menu_path": None}
    menu = Menu(id=queue.id, name=queue.name, parent_id=queue.parent_id)
    return {"selected_menu": menu, "menu_path": menu_path(queue, queues)}


def _talk(talk: Talk) -> dict[str, Any]:
    return {
        "message_count": talk.count,
        "average_response_time": durations.seconds(talk.average_response),
        "longest_response_time": durations.seconds(talk.longest_response),
        "first_msg_sent_at": talk.first_at,
        "last_msg_sent_at": talk.last_at,
    }
