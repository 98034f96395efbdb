"""The models of further lists in the metadata document: what the consumer went through, deflections, files, survey.

Source: docs/reference/files.md, Lists in the metadata.
"""

from typing import Literal

from host.reports.session_metadata.model_parts import Instant, Part

Event = Literal["menu", "queue", "hold", "dismissed"]
FileId = int | str


class ConsumerEvent(Part):
    """A time in which nobody was there for the consumer."""

    event: Event
    started_at: Instant
    ended_at: Instant | None
    duration: int


class DeflectionDetail(Part):
    """Why the session was turned away, and where."""

    deflection: str
    """`after_hours`, `over_capacity`."""
    menu_id: int | None
    """The queue's id."""
    at: Instant | None


class Recording(Part):
    """A recording of the call, or its voicemail."""

    id: FileId
    recording_type: Literal["recording", "voicemail"]
    started_at: Instant | None
    ended_at: Instant | None
    duration: int | None
    url: str | None


class Photo(Part):
    """A photo that was sent in the session."""

    id: FileId
    photo_type: str
    url: str | None


class Video(Part):
    """A video that was sent in the session."""

    id: FileId
    url: str | None


class SurveyAnswer(Part):
    """An answer to one of the queue's questions."""

    question: str
    answer: str
