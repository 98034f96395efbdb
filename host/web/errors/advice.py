"""Texts of the error page beside the message: what the error means and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Advice:
    """The texts for one status."""

    title: str
    means: str
    do: str


BY_STATUS = {
    400: Advice("That request can't be read", "Something in the address or the form is not as it should be.",
                "Go back, reload the page and try again."),
    401: Advice("You aren't signed in", "Your sign-in has ended, or you haven't signed in yet.",
                "Sign in, then try again."),
    403: Advice("That isn't yours to do", "You are signed in, but your role doesn't cover this.",
                "Ask an admin for the role, or sign in as somebody else."),
    404: Advice("There is no such page", "The address is wrong, or what was there is gone.",
                "Check the address, or start again from the first page."),
    409: Advice("That can't be done right now", "Things have moved on since the page was shown.",
                "Reload the page to see how things stand."),
    413: Advice("That is too big", "We take less than was sent.", "Send something smaller."),
    421: Advice("That address isn't ours", "The name in the address leads here, but we don't go by it.",
                "Use the address that you were given; if it stays, tell an admin."),
    422: Advice("Something isn't filled in right", "Nothing was changed.", "Go back and correct it."),
    429: Advice("Too many tries", "We take only so many in a while, to keep guessers out.",
                "Wait as long as it says, then try again."),
    502: Advice("The CRM didn't do it", "Another system that we need gave no useful answer.",
                "Try again in a moment; if it stays, tell an admin."),
    503: Advice("Not ready yet", "We are starting, or a part that we need is down.", "Try again in a moment."),
    507: Advice("There is no room left", "Our disk is full, so nothing was saved.",
                "Tell an admin, and try again when there is room."),
    504: Advice("The CRM is too slow", "Another system that we need didn't answer in time.", "Try again in a moment."),
}  # fmt: skip

OUR_SIDE = Advice("Something broke on our side",
                  "It isn't anything you did. What you did last may not have been saved.",
                  "Try again; if it stays, give an admin the reference above.")  # fmt: skip


def advice(status: int) -> Advice:
    """Return the texts for a status, or those for its class (4xx, 5xx)."""
    return BY_STATUS.get(status) or (OUR_SIDE if status >= 500 else BY_STATUS[400])
