"""Gives handlers access to the CRM: `account = await shell.crm.find_account(phone=event.data["end_user_number"])`.

Results are the same for every CRM: `{"id", "url", "name", "phone", "email", "subject", "status"}`, with None for what
the CRM doesn't return. The credentials stay on the server.
"""

import json

TYPE_CHECKING = False  # MicroPython has no typing; checkers take this name as true
if TYPE_CHECKING:
    from typing import Any

    from patchbay.shell import Page

    Found = dict[str, Any]

UNRESERVED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
ROOT = "/api/crm/"


class CrmError(Exception):
    """A request to the CRM failed.

    Args:
        code: `crm_timeout`, `fields`, `unreachable`.
        message: The error for people.
        status: The HTTP status; 0 if there was no answer.
        retryable: Whether a later try may succeed.
    """

    def __init__(self, code: str, message: str, status: int = 0, retryable: bool = False) -> None:  # noqa: FBT001, FBT002 - MicroPython
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.retryable = retryable


class Crm:
    """Accounts and records. Every method raises `CrmError` if it fails."""

    def __init__(self, page: "Page") -> None:
        self._page = page

    async def find_accounts(self, phone: str = "", email: str = "", cuid: str = "") -> "list[Found]":
        """Return the accounts with these values; an empty list if there is none."""
        query = query_of([("phone", phone), ("email", email), ("cuid", cuid)])
        found: "list[Found]" = (await self._ask("GET", "accounts" + query))["items"]
        return found

    async def find_account(self, phone: str = "", email: str = "", cuid: str = "") -> "Found | None":
        """Return the best account, or None."""
        found = await self.find_accounts(phone, email, cuid)
        return found[0] if found else None

    async def find_records(self, account_id: "str | int") -> "list[Found]":
        """Return the records of an account."""
        found: "list[Found]" = (await self._ask("GET", "records" + query_of([("account_id", account_id)])))["items"]
        return found

    async def account(self, account_id: "str | int") -> "Found | None":
        """Return an account, or None."""
        return await self._one("accounts/" + quoted(account_id))

    async def record(self, record_id: "str | int") -> "Found | None":
        """Return a record, or None."""
        return await self._one("records/" + quoted(record_id))

    async def create_account(self, **facts: "Any") -> "Found":
        """Create an account: `name`, `phone`, `email`, `cuid`."""
        return await self._ask("POST", "accounts", facts)

    async def create_record(self, **facts: "Any") -> "Found":
        """Create a record: `account_id`, `subject`, `description`, `status`, `name`, `phone`, `email`."""
        return await self._ask("POST", "records", facts)

    async def update_record(self, record_id: "str | int", **facts: "Any") -> "Found":
        """Change a record: `subject`, `description`, `status`."""
        return await self._ask("PATCH", "records/" + quoted(record_id), facts)

    async def add_comment(self, record_id: "str | int", text: str) -> "Found":
        """Add a comment to a record."""
        return await self._ask("POST", "records/" + quoted(record_id) + "/comments", {"text": text})

    async def _one(self, path: str) -> "Found | None":
        try:
            return await self._ask("GET", path)
        except CrmError as error:
            if error.code == "not_found":
                return None
            raise

    async def _ask(self, method: str, path: str, body: "Found | None" = None) -> "Found":
        text = await self._page.fetch(method, ROOT + path, "" if body is None else json.dumps(body))
        try:
            answer = json.loads(text)
            status: int = answer["status"]
            content: "Found" = answer["body"]
        except (ValueError, TypeError, KeyError):
            raise CrmError("unreachable", "there is no answer") from None
        if 200 <= status < 300:
            return content
        raise _error(status, content)


def query_of(pairs: "list[tuple[str, Any]]") -> str:
    """Return the query of the pairs that have a value: `?phone=%2B12223334444`."""
    given = [name + "=" + quoted(value) for name, value in pairs if value not in ("", None)]
    return "?" + "&".join(given) if given else ""


def quoted(value: object) -> str:
    """Percent-encode all but unreserved characters."""
    return "".join([chr(byte) if chr(byte) in UNRESERVED else "%%%02X" % byte for byte in str(value).encode()])


def _error(status: int, content: "Any") -> CrmError:
    told = content if isinstance(content, dict) else {}
    message = str(told.get("message", "answered " + str(status)))
    return CrmError(str(told.get("error", "unreadable")), message, status, told.get("retryable") is True)
