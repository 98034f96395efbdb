"""The root of the error tree."""

from collections.abc import Mapping


class HostError(Exception):
    """The root of the tree; its text is safe to show."""

    code = "host_error"
    http_status = 500
    retryable = False

    @property
    def fields(self) -> Mapping[str, str]:
        """Field name to what is wrong with it: `{"queue": "..."}`; empty when no field is wrong."""
        return {}
