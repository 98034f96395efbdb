"""The `Voice` interface: what carries the audio of calls follows the stored state of a call.

The host decides in the database who takes part, who is on hold and who is muted; after each commit it says which call
has changed. An implementation then reads the participants and moves the legs. So a lost message or a restart costs a
delay: the next `follow` brings the legs in line again. What only the audio's side knows (a phone rings, is busy, is
answered, hangs up) it reports to `host.sessions.calls.Calls`.

Source: docs/reference/sessions.md, Audio of calls.
"""

from typing import Protocol


class Voice(Protocol):
    """Carries the audio of calls."""

    @property
    def connects_at_once(self) -> bool:
        """Whether a leg counts as connected when the host asks for it; else the implementation reports it."""
        ...

    def follow(self, call_id: int) -> None:
        """Bring the legs of a call in line with its stored participants.

        It is called after the commit, may be called again at any time, and must not raise.
        """
        ...

    def send_digits(self, call_id: int, digits: str) -> None:
        """Send keypad digits to the other parties of a call; they are stored nowhere.

        Args:
            digits: Of `0123456789*#`.
        """
        ...


class GatewayVoice:
    """Calls whose audio is elsewhere: a telephony gateway moves the legs by itself, through the platform API."""

    connects_at_once = True

    def follow(self, call_id: int) -> None:
        """Do nothing: the gateway reads the call."""

    def send_digits(self, call_id: int, digits: str) -> None:
        """Do nothing: there is no audio here."""
