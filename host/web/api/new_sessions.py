"""Turns a request for a new session into a `NewCall` or `NewChat`, once for each idempotency key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from host.errors import FieldsError
from host.sessions import custom_data, starting
from host.sessions.calls import NewCall
from host.sessions.chats import NewChat
from host.sessions.custom_data import CustomData
from host.sessions.model import Session
from host.web.api import requests
from host.web.api.models import NewCallBody, NewChatBody, NewSessionBody
from host.web.api.operations import Asked
from host.web.current import services
from host.web.security import custom_data_secret

Body = TypeVar("Body", bound=NewSessionBody)
PASSED_ALONG = ("outbound_number", "support_number", "custom_sip_headers", "va_data_parameters", "session_variable")


@dataclass(frozen=True)
class Request:
    """A request for a new session."""

    given: Mapping[str, Any]
    key: str | None
    """The idempotency key as stored with the session: `api:4711`, `api-12:4711`."""
    hash: str
    """Equal for equal requests."""

    @classmethod
    def read(cls, asked: Asked[Any], what: str) -> "Request":
        """Read a request, and count it.

        Args:
            asked: The request.
            what: `call` or `chat`; a key can't stand for both.
        """
        host, client = services(), asked.client
        spender = "company" if client.id is None else f"company {client.id}"
        host.rate_limiter.take("chats_per_key", spender, host.settings.current().budgets.chats_per_key)
        given, key = asked.given, asked.idempotency_key
        return cls(given, f"{client.prefix}:{key}" if key else None, requests.fingerprint(what, given))

    def answered_before(self) -> Session | None:
        """Return the session that this request has started before.

        It is checked before the body, since a JWT in the body may have expired meanwhile.

        Raises:
            RepeatedKeyError: The key belongs to another request.
        """
        if self.key is None:
            return None
        with services().database.read() as connection:
            return starting.find_by_key(connection, self.key, self.hash)

    def new_call(self) -> NewCall:
        """Return the requested call.

        Raises:
            FieldsError: All invalid fields.
        """
        body, data = _checked(NewCallBody, self.given)
        values = _values(body, data)
        return NewCall(
            **values,
            type=body.call_type,
            scheduled_at=body.scheduled_at,
            in_menu=body.in_menu,
            idempotency_key=self.key,
            request_hash=self.hash,
        )

    def new_chat(self) -> NewChat:
        """Return the requested chat.

        Raises:
            FieldsError: All invalid fields.
        """
        body, data = _checked(NewChatBody, self.given)
        return NewChat(**_values(body, data), type=body.chat_type, idempotency_key=self.key, request_hash=self.hash)


def _checked(model: type[Body], given: Mapping[str, Any]) -> tuple[Body, CustomData]:
    """Return the body and its custom data."""
    body, problems = requests.problems_with(model, given)
    data = CustomData({})
    signed = given.get("custom_data_jwt")
    try:
        data = custom_data.read(
            given.get("custom_data"),
            signed if isinstance(signed, str) else None,
            signer=custom_data_secret.signer(),
            now=services().clock.now(),
        )
    except FieldsError as error:
        problems = {**problems, **error.fields}
    if body is None or problems:
        raise FieldsError(problems)
    return body, data


def _values(body: NewSessionBody, data: CustomData) -> dict[str, Any]:
    person = body.end_user.model_dump() if body.end_user else {}
    return {
        **person,
        "queue": body.queue,
        "menu_id": body.menu_id,
        "lang": body.lang,
        "custom_data": data.entries,
        "is_verified": data.is_verified,
        "token": data.token,
        "device_type": body.device_type,
        "details": _details(body),
        "agent_email": body.agent_email,
        "record_id": body.ticket_id,
    }


def _details(body: NewSessionBody) -> dict[str, Any]:
    details = {name: getattr(body, name) for name in PASSED_ALONG}
    if body.campaign is not None:
        details |= {"campaign_id": body.campaign.id, "campaign_name": body.campaign.name}
    return {name: value for name, value in details.items() if value is not None}
