"""The operations that `/calls` and `/chats` have in common: who the consumer is, what they say, and virtual agents."""

from typing import Any

from host.errors import FieldsError
from host.sessions.ratings import NOTHING, Rating
from host.sessions.smart_actions import SmartAction
from host.sessions.verification import Identity
from host.sessions.virtual_agents import VirtualAgent
from host.web.api import responses
from host.web.api.models import RatingBody, SmartActionBody, VerifiedBody, VirtualAgentBody
from host.web.api.operations import Answer, Asked, Part
from host.web.current import services


def declare(part: Part, channel: str, answers: Any) -> None:
    """Add the operations to a part.

    Args:
        part: Calls or chats.
        channel: `call` or `chat`.
        answers: The model of what they answer.
    """
    path = f"/{channel}s/{{session_id}}"

    def shown(asked: Asked[Any]) -> Answer:
        return Answer(responses.session(asked.session_id, channel))

    @part.post(f"{path}/end_user", VerifiedBody, answers)
    def verify(asked: Asked[VerifiedBody]) -> Answer:
        """Say who the consumer is, during the session."""
        who = Identity(**asked.body.model_dump())
        responses.check(asked.session_id, channel)
        services().verification.verify(asked.session_id, who)
        return shown(asked)

    @part.post(f"{path}/smart_action", SmartActionBody, answers)
    def report_smart_action(asked: Asked[SmartActionBody]) -> Answer:
        """Report what the consumer was asked for, and what came of it."""
        services().smart_actions.report(asked.session_id, channel, SmartAction(**asked.body.model_dump()))
        return shown(asked)

    @part.post(f"{path}/rating", RatingBody, answers)
    def rate(asked: Asked[RatingBody]) -> Answer:
        """Rate a session, during it or afterwards."""
        body = asked.body
        said = Rating(body.rating, body.feedback or None, tuple(each.model_dump() for each in body.survey))
        if said == NOTHING:
            raise FieldsError({"rating": "found nothing; give rating, feedback or survey"})
        responses.check(asked.session_id, channel)
        services().ratings.rate(asked.session_id, said)
        return shown(asked)

    @part.post(f"{path}/virtual_agent", VirtualAgentBody, answers)
    def add_virtual_agent(asked: Asked[VirtualAgentBody]) -> Answer:
        """Let a virtual agent join; one that is in the session already changes nothing."""
        joining = VirtualAgent(**asked.body.model_dump())
        responses.check(asked.session_id, channel)
        services().actions.virtual_agents.join(asked.session_id, channel, joining)
        return shown(asked)
