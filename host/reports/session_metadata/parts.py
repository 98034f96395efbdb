"""Builds the lists of the metadata document from a session's history.

Source: docs/reference/files.md, Lists in the metadata.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from host.reports.session_metadata import handlers
from host.reports.session_metadata import model_parts as models
from host.reports.session_metadata.consumer_events import consumer_events
from host.reports.session_metadata.handlers import Escalation
from host.reports.session_metadata.people import People, virtual_agent_info
from host.sessions import durations, history, smart_actions
from host.sessions.durations import Span, seconds
from host.sessions.history import History, Stay
from host.sessions.model import Session
from host.sessions.participants import AGENTS, Participant
from host.sessions.transfer_rows import Transfer

VIRTUAL_AGENTS = ("virtual_agent", "task_virtual_agent")
NOT_ABANDONED = frozenset({"deflected", "voicemail", "voicemail_received", "voicemail_read"})


class Parts:
    """Builds the lists of one session.

    Args:
        session: A call or chat.
        past: Its history.
        people: Agents and queues.
        now: The end of unfinished durations.
    """

    def __init__(self, session: Session, past: History, people: People, now: datetime) -> None:
        self._session = session
        self._past = past
        self._people = people
        self._now = now
        self._is_call = session.channel == "call"
        self._holds = durations.holds(past.facts)

    def all(self) -> dict[str, Any]:
        """Return all lists, by the document's keys."""
        session, past = self._session, self._past
        consumers = [each for each in past.participants if each.type == "end_user"]
        stays, offers = history.stays(session, past), history.offers(session, past)
        return {
            "fail_details": self._fail_details(),
            "sub_status": consumers[0].sub_status if consumers else None,
            "hold_duration": seconds(durations.hold(session, past.facts, self._now)),
            "answer_type": "manual" if session.connected_at is not None and self._handlings() else None,
            "participants": [self._participant(each) for each in past.participants],
            "transfers": [self._transfer(each) for each in past.transfers],
            "escalations": [self._escalation(each) for each in handlers.escalations(past.participants, stays, offers)],
            "handle_durations": self._handlings(),
            "queue_durations": [self._stay(each) for each in stays],
            "virtual_agent_handle_durations": list(self._virtual_handlings()),
            "consumer_handle_durations": [self._consumer_handling(each) for each in consumers if each.connected_at],
            "consumer_event_durations": consumer_events(past.facts, stays, self._consumer_holds(consumers), self._now),
            "offer_events": [
                models.OfferEvent(agent_id=each.agent_id, at=each.at, ended_at=each.ended_at, result=each.result)
                for each in offers
            ],
            "dispositions": list(self._dispositions()),
            "smart_actions": [models.SmartAction(**asdict(each)) for each in smart_actions.latest(past.smart_actions)],
        }

    def _consumer_holds(self, consumers: Sequence[Participant]) -> list[Span]:
        parts = [(span, self._holds.get(each.id, ())) for each in consumers if (span := _span(each))]
        return [hold.within(span) for span, holds in parts for hold in holds]

    def _participant(self, each: Participant) -> models.Participant:
        span = _span(each)
        values = {
            "id": each.id,
            "type": each.type,
            "person_id": each.end_user_id if each.type == "end_user" else each.user_id,
            "phone_number": each.phone_number,
            "status": each.status,
            "connected_at": each.connected_at,
            "ended_at": each.ended_at,
            "duration": seconds(span.length(self._now)) if span else None,
            "hold_duration": self._hold(self._holds.get(each.id, ()), span),
            "fail_reason": each.fail_reason,
            "adapter_fail_code": each.adapter_fail_code,
            "adapter_fail_message": each.adapter_fail_message,
        }
        if each.type == "end_user":
            return models.CallConsumer(**values) if self._is_call else models.ChatConsumer(**values)
        return models.CallParticipant(**values) if self._is_call else models.ChatParticipant(**values)

    def _transfer(self, each: Transfer) -> models.Transfer:
        ended_at = each.connected_at or each.ended_at or self._session.ends_at
        part = self._part_of(each)
        values = {
            "id": each.id,
            "created_at": each.created_at,
            "assigned_at": each.assigned_at,
            "connected_at": each.connected_at,
            "status": each.status,
            "fail_reason": each.fail_reason,
            "from_agent": self._people.agent(each.from_agent_id),
            "to_agent": self._people.agent(each.to_agent_id),
            "from_menu_path": self._people.menu_path(each.from_queue_id),
            "to_menu_path": self._people.menu_path(each.to_queue_id),
            "wait_duration": seconds(Span(each.created_at, ended_at).length(self._now)),
            "duration": seconds(part.length(self._now)) if part else None,
        }
        return models.CallTransfer(**values) if self._is_call else models.ChatTransfer(**values)

    def _escalation(self, each: Escalation) -> models.Transfer:
        queue, part = self._people.menu_path(each.queue_id), _span(each.agent)
        values = {
            "id": each.agent.id,
            "created_at": each.created_at,
            "assigned_at": each.assigned_at,
            "connected_at": each.connected_at,
            "status": "finished",
            "fail_reason": "nothing",
            "from_agent": None,
            "to_agent": self._people.agent(each.agent.user_id),
            "from_virtual_agent": virtual_agent_info(each.virtual_agent),
            "from_menu_path": queue,
            "to_menu_path": queue,
            "wait_duration": seconds(each.connected_at - each.created_at),
            "duration": seconds(part.length(self._now)) if part else None,
        }
        return models.CallTransfer(**values) if self._is_call else models.ChatTransfer(**values)

    def _fail_details(self) -> str | None:
        """Return what the gateway said, or the adapter of the participant who failed last."""
        told = self._session.details.get("fail_details")
        said = [each.adapter_fail_message or each.adapter_fail_code for each in self._past.participants]
        return next((text for text in (told, *reversed(said)) if text), None)

    def _part_of(self, transfer: Transfer) -> Span | None:
        """Return when the agent who answered a transfer had the session."""
        if transfer.connected_at is None:
            return None
        found = [each for each in self._agents() if self._transfer_of(each) == transfer.id]
        return _span(found[0]) if found else None

    def _handlings(self) -> list[models.Handling]:
        return [self._handling(each) for each in self._agents()]

    def _handling(self, each: Participant) -> models.Handling:
        span = _span(each) or Span(each.created_at, each.ended_at)
        consumer = [hold for holds in self._holds.values() for hold in holds]
        values = {
            "id": each.id,
            "agent_id": each.user_id,
            "started_at": span.started_at,
            "ended_at": span.ended_at,
            "duration": seconds(span.length(self._now)),
            "hold_duration": self._hold(consumer, span),
            "acw_duration": self._after_call_work(each),
            "bcw_duration": 0 if each.invited_by else seconds(span.started_at - each.created_at),
            "transfer": self._transfer_of(each),
        }
        return models.CallHandling(**values) if self._is_call else models.ChatHandling(**values)

    def _agents(self) -> list[Participant]:
        """Return the parts of agents who were connected, in order."""
        return [each for each in self._past.participants if each.type in AGENTS and each.connected_at is not None]

    def _transfer_of(self, each: Participant) -> int | None:
        """Return the id of the transfer that an agent has answered by joining; None if they came otherwise."""
        if each.purpose == "party":
            return None
        answered = [
            transfer.id
            for transfer in self._past.transfers
            if transfer.status == "finished"
            and transfer.to_agent_id == each.user_id
            and transfer.connected_at in {each.created_at, each.connected_at}
        ]
        return answered[0] if answered else None

    def _after_call_work(self, each: Participant) -> int | None:
        """Return the wrap-up after an agent's part, in seconds; None while it goes on."""
        mine = [
            wrap_up.finished_at - wrap_up.started_at
            for wrap_up in self._past.wrap_ups
            if wrap_up.agent_id == each.user_id and wrap_up.started_at == each.ended_at and wrap_up.finished_at
        ]
        return seconds(mine[0]) if mine else None

    def _hold(self, holds: Sequence[Span], part: Span | None) -> int | None:
        """Return how long somebody was on hold during a part of a call, in seconds."""
        if not self._is_call or part is None:
            return None
        return seconds(durations.total((each.within(part) for each in holds), self._now))

    def _stay(self, each: Stay) -> models.QueueStay:
        length = Span(each.started_at, each.ended_at).length(self._now)
        return models.QueueStay(
            id=each.id,
            menu_path=self._people.menu_path(each.queue_id),
            lang=self._session.lang,
            started_at=each.started_at,
            ended_at=each.ended_at,
            queue_duration=length // durations.SECOND,
            service_level_event=self._service_level_event(each, length),
            agent_id=each.agent_id,
            transfer=each.transfer_id,
        )

    def _service_level_event(self, stay: Stay, length: timedelta) -> models.ServiceLevel | None:
        if stay.ended_at is None:
            return None
        if stay.agent_id is None:
            return None if self._session.status in NOT_ABANDONED else "abandoned"
        allowed = self._people.service_level(stay.queue_id)
        return None if allowed is None else "in_sl" if length <= allowed else "not_in_sl"

    def _consumer_handling(self, each: Participant) -> models.ConsumerHandling:
        span = _span(each) or Span(each.created_at, each.ended_at)
        values = {
            "id": each.id,
            "started_at": span.started_at,
            "ended_at": span.ended_at,
            "duration": seconds(span.length(self._now)),
            "hold_duration": self._hold(self._holds.get(each.id, ()), span),
        }
        return models.CallConsumerHandling(**values) if self._is_call else models.ChatConsumerHandling(**values)

    def _virtual_handlings(self) -> Iterator[models.VirtualAgentHandling]:
        for each in self._past.participants:
            span = _span(each)
            if each.type in VIRTUAL_AGENTS and span is not None:
                values = {
                    "id": each.id,
                    "virtual_agent": virtual_agent_info(each),
                    "started_at": span.started_at,
                    "ended_at": span.ended_at,
                    "duration": seconds(span.length(self._now)),
                }
                kind = models.CallVirtualAgentHandling if self._is_call else models.ChatVirtualAgentHandling
                yield kind(**values)

    def _dispositions(self) -> Iterator[models.Disposition]:
        for each in self._past.wrap_ups:
            if each.finished_at is not None and (each.disposition or each.notes):
                yield models.Disposition(
                    code=each.disposition,
                    name=each.disposition,
                    note=each.notes,
                    agent_id=each.agent_id,
                    at=each.finished_at,
                )


def _span(each: Participant) -> Span | None:
    """Return when a participant was connected; None if never."""
    return Span(each.connected_at, each.ended_at) if each.connected_at is not None else None
