"""Reads the address that embeds an adapter: `/agent/?type=chat&from=custom`.

Source: docs/embedding.md, iframe tags of your own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

ADAPTERS = ("call", "chat")
NO_CRM = "none"


@dataclass(frozen=True)
class Wanted:
    """The adapter that an address names."""

    adapter: str
    """`call` or `chat`."""


@dataclass(frozen=True)
class Refused:
    """Why an address names no adapter."""

    problems: tuple[str, ...]
    examples: tuple[str, ...]
    """Valid addresses."""


def read(query: Mapping[str, str], crm_type: str) -> Wanted | Refused:
    """Read `type` and `from`, ignoring case.

    Args:
        query: The address's parameters.
        crm_type: The CRM setting; while it is `none` (no CRM is set up), `from` may be left out.
    """
    adapter, source = query.get("type", "").strip().lower(), query.get("from", "").strip().lower()
    problems = tuple(filter(None, (_about_type(query, adapter), _about_source(query, source, crm_type))))
    if problems:
        suffix = "" if crm_type == NO_CRM else f"&from={crm_type}"
        return Refused(problems, tuple(f"/agent/?type={name}{suffix}" for name in ADAPTERS))
    return Wanted(adapter)


def _about_type(query: Mapping[str, str], adapter: str) -> str | None:
    if adapter in ADAPTERS:
        return None
    found = "type is missing" if "type" not in query else f"type is “{_shortened(query['type'])}”"
    return f"{found}; it must be call or chat."


def _about_source(query: Mapping[str, str], source: str, crm_type: str) -> str | None:
    if source == crm_type.lower() or (crm_type == NO_CRM and source in {"", "custom"}):
        return None
    found = "from is missing" if "from" not in query else f"from is “{_shortened(query['from'])}”"
    if crm_type == NO_CRM:
        return f"{found}, but no CRM is set up; leave it out, or let an admin choose a CRM in Developer Settings."
    return f"{found}; it must be {crm_type}, the CRM that is set up here."


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
