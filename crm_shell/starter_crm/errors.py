"""The errors of the starter CRM, with one JSON shape.

ApiError                    code, http_status; str() is safe to show
  MalformedError     400    not JSON, an unknown filter, no filter
  UnsignedError      401    no key, or a wrong one
  ForeignError       403    sent by a page of another site
  MissingError       404    there is no such thing
  FieldsError        422    values that cannot be kept, each named
"""

from collections.abc import Mapping


class ApiError(Exception):
    """The root: what was wrong with a request."""

    code = "error"
    http_status = 500

    @property
    def fields(self) -> Mapping[str, str]:
        """Field name to what was found and what is allowed; empty if no field is wrong."""
        return {}


class MalformedError(ApiError):
    """The request cannot be read."""

    code = "malformed"
    http_status = 400


class UnsignedError(ApiError):
    """The request carries no valid API key."""

    code = "not_signed_in"
    http_status = 401

    def __init__(self) -> None:
        super().__init__("Send the API key as header X-Api-Key, or as the password of user 'api' (Basic).")


class ForeignError(ApiError):
    """A page of another site sent the request."""

    code = "foreign"
    http_status = 403


class MissingError(ApiError):
    """There is no such account, record, comment or attachment."""

    code = "not_found"
    http_status = 404


class FieldsError(ApiError):
    """Values cannot be kept as they are.

    Args:
        problems: Field name to what was found and what would be right.
    """

    code = "fields"
    http_status = 422

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in problems.items()))
        self.problems = problems

    @property
    def fields(self) -> Mapping[str, str]:
        """Field name to reason."""
        return self.problems
