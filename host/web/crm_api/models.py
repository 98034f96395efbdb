"""Models of what `/api/crm` takes and answers."""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from host.errors import FieldsError
from host.schema import Section
from host.sessions.model import CrmId

TEXT_MAX = 20_000

Text = Annotated[str, Field(max_length=TEXT_MAX)]


class Facts(BaseModel):
    """Base class of what names facts for template variables; null and empty texts count as left out."""

    NAMES: ClassVar[dict[str, str]] = {}
    """Field name to the name of the fact, where they differ."""

    def facts(self) -> dict[str, Any]:
        """Return the facts that were given."""
        return {self.NAMES.get(name, name): value for name, value in self if name != "raw" and value not in {None, ""}}


class Body(Section, Facts):
    """Base class of bodies; unknown fields are refused."""

    def facts(self) -> dict[str, Any]:
        """Return the facts that were given.

        Raises:
            FieldsError: There are none.
        """
        if found := super().facts():
            return found
        known = list(type(self).model_fields)
        raise FieldsError({known[0]: f"found nothing; give {' or '.join(known)}"})


class RawQuery(Facts):
    """The query of every route."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    raw: str = ""
    """1: the answer includes the CRM's own object."""


class AccountQuery(RawQuery):
    """What an account is searched by; one of them at least."""

    NAMES = {"cuid": "identifier"}

    phone: str = ""
    email: str = ""
    cuid: str = ""


class RecordQuery(RawQuery):
    """Whose records are searched."""

    account_id: str = ""


class AccountBody(Body):
    """A new account; one field at least."""

    NAMES = {"cuid": "identifier"}

    name: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    cuid: Text | None = None


class ChangesBody(Body):
    """Changes of a record; one field at least."""

    subject: Text | None = None
    description: Text | None = None
    status: Text | None = None


class RecordBody(ChangesBody):
    """A new record; one field at least."""

    account_id: StrictInt | Text | None = None
    name: Text | None = None
    phone: Text | None = None
    email: Text | None = None


class CommentBody(Body):
    """A comment."""

    text: Text | None = None


class ItemAnswer(BaseModel):
    """An account or a record; what isn't known is null."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    id: CrmId | None
    url: str | None
    """The address of its page."""
    name: str | None
    phone: str | None
    email: str | None
    subject: str | None
    status: str | None
    raw: dict[str, Any] = {}
    """The CRM's own object, when it was asked for."""


class ItemsAnswer(BaseModel):
    """What a search has found."""

    model_config = ConfigDict(extra="forbid")

    items: list[ItemAnswer]
