"""What `/calls` and `/chats` have in common about consumers: who they are, and what they say of the session."""

from host.errors import FieldsError
from host.sessions.ratings import NOTHING, Rating
from host.sessions.smart_actions import SmartAction
from host.sessions.verification import Identity
from host.web.api import responses
from host.web.api.models import RatingBody, SmartActionBody, VerifiedBody
from host.web.api.operations import Answer, Asked
from host.web.current import services


def verify(asked: Asked[VerifiedBody], channel: str) -> Answer:
    """Make a session verified.

    Raises:
        NotFoundError: There is no such call or chat.
        TransitionError: It has ended, or was verified as somebody else.
    """
    who = Identity(**asked.body.model_dump())
    responses.check(asked.session_id, channel)
    services().verification.verify(asked.session_id, who)
    return Answer(responses.session(asked.session_id, channel))


def rate(asked: Asked[RatingBody], channel: str) -> Answer:
    """Rate a session.

    Raises:
        FieldsError: There is nothing in the rating.
        NotFoundError: There is no such call or chat.
        TransitionError: No agent has had it.
    """
    body = asked.body
    said = Rating(body.rating, body.feedback or None, tuple(each.model_dump() for each in body.survey))
    if said == NOTHING:
        raise FieldsError({"rating": "found nothing; give rating, feedback or survey"})
    responses.check(asked.session_id, channel)
    services().ratings.rate(asked.session_id, said)
    return Answer(responses.session(asked.session_id, channel))


def report(asked: Asked[SmartActionBody], channel: str) -> Answer:
    """Report a smart action.

    Raises:
        NotFoundError: There is no such call or chat.
        TransitionError: It has ended.
    """
    about = SmartAction(**asked.body.model_dump())
    services().smart_actions.report(asked.session_id, channel, about)
    return Answer(responses.session(asked.session_id, channel))
