"""Checks blocklist and budgets of consumers' requests."""

from flask import request
from flask import session as cookie

from host.client_address import customer_of
from host.errors import TooManyError
from host.rate_limiter import MESSAGES
from host.refusals import refusals
from host.sessions.chats import NewChat
from host.web.current import services
from host.web.security import blocklist

CHATS_WINDOW_S = 600


def check_address() -> None:
    """Refuse requests from a blocked network.

    Raises:
        NotAllowedError: The network is blocked.
    """
    blocklist.check_address(services().settings.current().budgets.blocked, request.remote_addr)


def spend_chat(new: NewChat) -> None:
    """Count a new chat.

    Raises:
        NotAllowedError: The consumer is blocked.
        TooManyError: This browser, or its network, has started too many chats.
    """
    settings = services().settings.current()
    budgets = settings.budgets
    region = settings.crm.default_region
    blocklist.check_person(budgets.blocked, email=new.email, number=new.phone, region=region)
    browser = cookie.get("csrf_token", "")
    _hit("chats_per_browser", browser, budgets.chats_per_browser)
    _hit("chats_per_address", customer_of(request.remote_addr), budgets.chats_per_address)


def spend_ticket(session_id: int) -> None:
    """Count a ticket for a consumer's socket.

    Raises:
        TooManyError: The chat has requested too many.
    """
    host = services()
    host.rate_limiter.take("tickets_per_minute", session_id, host.settings.current().budgets.tickets_per_minute)


def _hit(budget: str, who: str, limit: int) -> None:
    host = services()
    try:
        host.throttle.hit(f"{budget}:{who}", limit, CHATS_WINDOW_S, reason=MESSAGES[budget])
    except TooManyError:
        refusals.note(budget)
        raise
