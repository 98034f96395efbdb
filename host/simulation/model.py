"""What must be true after a simulation: every session has exactly its events, its record, and an end.

Pure functions: what the players did and saw (`Ledger`) is compared with itself and with what the host says at the end.
Events count once for each `meta.id`, however often they came.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from host.sessions.lifecycle import ENDED as ENDED_STATUSES
from host.simulation.ledger import ENDED, JOINED, Ledger, SessionLog

BUSY = ("In-call", "In-chat", "Wrap-up", "Unresponsive")
Key = tuple[int | None, int | str]
"""A session, and the agent or the message that an event is about."""


@dataclass
class Count:
    """How many events of a type there should be, and are."""

    done: int = 0
    lost: int = 0
    doubled: int = 0

    def add(self, least: int, most: int, found: int) -> bool:
        """Count one thing that should have occurred `least` to `most` times; tell whether that is right."""
        self.done += min(found, most)
        self.lost += max(0, least - found)
        self.doubled += max(0, found - most)
        return least <= found <= most


@dataclass(frozen=True)
class CrmFacts:
    """What the CRM has of one session."""

    accounts: int
    records: int
    comments: Sequence[str]
    """The marker of each, which is unique for what it is about."""


@dataclass
class Verdict:
    """The result."""

    events: dict[str, Count] = field(default_factory=dict)
    crm: dict[str, Count] = field(default_factory=dict)
    stuck_sessions: list[int] = field(default_factory=list)
    stuck_agents: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def is_ok(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.problems or self.gaps or self.stuck_sessions or self.stuck_agents)


def judge(
    ledger: Ledger,
    sessions: Mapping[int, Mapping[str, Any]],
    agents: Iterable[Mapping[str, Any]],
    crm: Mapping[int, CrmFacts] | None,
) -> Verdict:
    """Compare.

    Args:
        ledger: What was done and seen.
        sessions: What the platform API says of each session at the end.
        agents: What it says of the agents of the simulation.
        crm: What the CRM has, by session; None: it can't be asked.
    """
    verdict = Verdict(problems=list(ledger.problems))
    known = {log.id: log for log in ledger.logs if log.id is not None}
    _check_ends(verdict, known, sessions, agents)
    _count(verdict, ledger, "joined", JOINED, _joins(known, sessions))
    _count(verdict, ledger, "connected", ("Agent_Connects_to_Session",), _joins(known, sessions))
    _count(verdict, ledger, "ended", ENDED, _ends(ledger, known, sessions))
    _count(verdict, ledger, "transferred", ("Transfer",), _transfers(ledger, known))
    _count_messages(verdict, ledger, known, sessions)
    _count_pops(verdict, ledger, known)
    verdict.gaps = list(_gaps(ledger))
    if crm is not None:
        _check_crm(verdict, known, sessions, crm)
    return verdict


def _check_ends(
    verdict: Verdict,
    known: Mapping[int, SessionLog],
    sessions: Mapping[int, Mapping[str, Any]],
    agents: Iterable[Mapping[str, Any]],
) -> None:
    verdict.stuck_sessions = [id for id in known if sessions[id]["status"] not in ENDED_STATUSES]
    verdict.stuck_agents = [f"{each['email']}: {each['status']}" for each in agents if each["status"] in BUSY]


Range = tuple[int, int]
"""The least and the most often that something may have occurred."""


def _joins(known: Mapping[int, SessionLog], sessions: Mapping[int, Mapping[str, Any]]) -> dict[Key, Range]:
    """Return how often each agent joined each session: as the host says, else by the answers that it confirmed."""
    expected: dict[Key, Range] = {}
    for session_id, log in known.items():
        told = _connections(sessions[session_id])
        for agent_id in log.answered.keys() | log.unsure.keys() | told.keys():
            least = log.answered[agent_id]
            most = least + log.unsure[agent_id]
            if told:
                least = most = told[agent_id]
            expected[session_id, agent_id] = (least, most)
    return expected


def _ends(
    ledger: Ledger, known: Mapping[int, SessionLog], sessions: Mapping[int, Mapping[str, Any]]
) -> dict[Key, Range]:
    """Return how often each agent should have been told of the end: once if they were there at the end.

    An adapter that is opened after the end isn't told of it.
    """
    expected: dict[Key, Range] = {}
    for (session_id, agent_id), (least, most) in _joins(known, sessions).items():
        if session_id is None or not isinstance(agent_id, int):
            continue
        log = known[session_id]
        took_part = least > 0 and not ledger.was_blind(agent_id, _ended_at(sessions[session_id]))
        has_left = log.left[agent_id] > 0
        leaves_by_ending = any(by == agent_id and is_warm for by, is_warm in log.transfers)
        # Who leaves a call by ending their part may find that it has ended a moment before.
        stays = least > log.left[agent_id]
        expected[session_id, agent_id] = (
            1 if took_part and (stays or not has_left) else 0,
            1 if most and (stays or not has_left or leaves_by_ending) else 0,
        )
    return expected


def _transfers(ledger: Ledger, known: Mapping[int, SessionLog]) -> dict[Key, Range]:
    """Return how often each agent should have been told of a transfer.

    The first agent is told of a cold one at once, and of a warm one when it is answered; so is the one who answers.
    """
    joined = Counter((event.session_id, event.agent_id) for event in ledger.of_type(*JOINED))
    expected: dict[Key, Range] = {}
    for session_id, log in known.items():
        for by, is_warm in log.transfers:
            others = [agent_id for (id, agent_id) in joined if id == session_id and agent_id != by]
            again = joined[session_id, by] > 1
            is_answered = bool(others) or again
            expected[session_id, by] = (int(is_answered or not is_warm), 1 + again)
            for other in others:
                expected[session_id, other] = (1, 1)
    return expected


def _count(verdict: Verdict, ledger: Ledger, words: str, types: Sequence[str], expected: Mapping[Key, Range]) -> None:
    """Count events that are about a session and an agent."""
    found: Counter[Key] = Counter()
    named: dict[Key, str] = {}
    for event in ledger.of_type(*types):
        key: Key = (event.session_id, event.agent_id)
        found[key] += 1
        named[key] = event.type
    ours = {log.id: log.plan.channel for log in ledger.logs}
    for key in expected.keys() | {key for key in found if key[0] in ours}:
        channel = ours[key[0]]
        name = named.get(key) or next((each for each in types if each.lower().endswith(channel)), types[0])
        least, most = expected.get(key, (0, 0))
        if not verdict.events.setdefault(name, Count()).add(least, most, found[key]):
            verdict.problems.append(
                f"{channel} {key[0]}, agent {key[1]}: {words} {found[key]} times, should be {_words(least, most)}"
            )


def _count_messages(
    verdict: Verdict,
    ledger: Ledger,
    known: Mapping[int, SessionLog],
    sessions: Mapping[int, Mapping[str, Any]],
) -> None:
    """Count the events of messages: one each; one that nobody was there for may have none."""
    for name, texts in (("Chat_Inbound_Message", "written"), ("Chat_Outbound_Message", "said")):
        found = Counter((event.session_id, event.data.get("message")) for event in ledger.of_type(name))
        count = verdict.events.setdefault(name, Count())
        for session_id, log in known.items():
            everybody_heard = sessions[session_id]["status"] == "finished" and log.joins > 0
            ended_at, told = _ended_at(sessions[session_id]), (log.answered | log.unsure).keys()
            everybody_heard = everybody_heard and not any(ledger.was_blind(each, ended_at) for each in told)
            for text in getattr(log, texts):
                least = int(everybody_heard)
                if not count.add(least, 1, found[session_id, text]):
                    verdict.problems.append(
                        f"chat {session_id}: {name} of {text!r} came {found[session_id, text]} times"
                    )


def _count_pops(verdict: Verdict, ledger: Ledger, known: Mapping[int, SessionLog]) -> None:
    """Count pops: at most one for each agent who joined, once in one tab; none if the record came too late."""
    events = ledger.of_type("CRM_Record_Pop")
    found = Counter((event.session_id, event.agent_id) for event in events)
    joined = Counter((event.session_id, event.agent_id) for event in ledger.of_type(*JOINED))
    count = verdict.events.setdefault("CRM_Record_Pop", Count())
    for (session_id, agent_id), times in joined.items():
        if session_id is None or session_id not in known:
            continue
        least = int(agent_id in known[session_id].unpopped)
        if not count.add(least, times, found[session_id, agent_id]):
            verdict.problems.append(
                f"session {session_id}, agent {agent_id}: {found[session_id, agent_id]} pops for {times} answers"
            )
    for event in events:
        if event.seen_twice and event.session_id in known:
            count.doubled += 1
            verdict.problems.append(f"the pop {event.id} of session {event.session_id} came in two open tabs")


def _gaps(ledger: Ledger) -> Iterator[str]:
    """Yield the numbers of each stream that no message covered."""
    for (agent_id, adapter), ranges in ledger.ranges.items():
        until = min(after for after, _ in ranges)
        for after, last in sorted(ranges):
            if after > until:
                yield f"agent {agent_id}, {adapter} adapter: nothing came of {until + 1} to {after}"
            until = max(until, last)
        taken = Counter(
            event.seq for event in ledger.events.values() if (event.agent_id, event.adapter) == (agent_id, adapter)
        )
        yield from (f"agent {agent_id}, {adapter} adapter: two events are {seq}" for seq, n in taken.items() if n > 1)


def _check_crm(
    verdict: Verdict,
    known: Mapping[int, SessionLog],
    sessions: Mapping[int, Mapping[str, Any]],
    crm: Mapping[int, CrmFacts],
) -> None:
    for session_id in known:
        facts = crm[session_id]
        twice = [marker for marker, times in Counter(facts.comments).items() if times > 1]
        right = [
            verdict.crm.setdefault("accounts", Count()).add(1, 1, facts.accounts),
            verdict.crm.setdefault("records", Count()).add(1, 1, facts.records),
        ]
        comments = verdict.crm.setdefault("comments", Count())
        comments.add(len(set(facts.comments)), len(set(facts.comments)), len(facts.comments))
        if not all(right) or twice:
            verdict.problems.append(
                f"session {session_id} ({sessions[session_id]['status']}): {facts.accounts} accounts, "
                f"{facts.records} records, comments that are there twice: {len(twice)}"
            )


def _connections(session: Mapping[str, Any]) -> Counter[int]:
    """Return how often each agent was connected, as the host says; empty if it doesn't say."""
    there = [each for each in session.get("participants") or () if each.get("type") == "agent"]
    return Counter(each["user_id"] for each in there if each.get("connected_at"))


def _ended_at(session: Mapping[str, Any]) -> datetime:
    """Return when a session ended; long ago if it hasn't."""
    return datetime.fromisoformat(session.get("ends_at") or "1970-01-01T00:00:00Z")


def _words(least: int, most: int) -> str:
    return str(least) if least == most else f"{least} to {most}"
