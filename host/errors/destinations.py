"""Errors of where files and mails go, the disk of this machine included."""

from host.errors.base import HostError


class NoRoomError(HostError):
    """The disk of the host is full, or nearly; what was stored before stays."""

    code = "no_room"
    http_status = 507
    retryable = True

    def __init__(self) -> None:
        super().__init__("The host has no room for files at the moment; try again later.")


class StorageError(HostError):
    """The external storage failed.

    Refused credentials and a full disk are not permanent: another try succeeds once somebody has acted.

    Args:
        step: `connect`, `sign_in`, `write`, `read`, `rename` or `delete`.
        reason: Safe to show: no credentials, no signed URLs.
        is_permanent: Whether another try is useless.
    """

    code = "storage"
    http_status = 502
    retryable = True

    def __init__(self, step: str, reason: str, *, is_permanent: bool = False) -> None:
        super().__init__(f"{step}: {reason}")
        self.step = step
        self.reason = reason
        self.is_permanent = is_permanent
        self.retryable = not is_permanent


class MailError(HostError):
    """A mail was not sent, or it isn't known whether it was.

    Args:
        step: `connect`, `starttls`, `sign_in`, `sender`, `recipient`, `content` or `send`.
        reason: Safe to show.
        is_permanent: Whether another try is useless: the server refuses this mail.
        said: The server's own words, which may hold addresses: not in `str()`.
    """

    code = "mail"
    http_status = 502
    retryable = True

    def __init__(self, step: str, reason: str, *, is_permanent: bool = False, said: str = "") -> None:
        super().__init__(f"{step}: {reason}")
        self.step = step
        self.reason = reason
        self.said = said
        self.retryable = not is_permanent
