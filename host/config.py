"""The configuration of a process: environment variables, read into one frozen value.

Here is only what a process must know before it can open its database. What an admin sets is in `host.settings`.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from host import hosts
from host.errors import ConfigError

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS = ("text", "json")


@dataclass(frozen=True, kw_only=True)
class Config:
    """The configuration of one process."""

    data: Path
    port: int
    bind: str
    public_url: str
    """Without a slash at the end."""
    allowed_hosts: tuple[str, ...]
    """Names and addresses without ports, spelled as in `host.hosts`."""
    trusted_proxies: int
    web_processes: int
    """On this machine."""
    database_url: str = field(repr=False)
    secret_keys: tuple[str, ...] = field(repr=False)
    """Newest first; empty: the keys of the key file in the data folder."""
    company_key: str
    """Empty: generated, and kept in the data folder."""
    company_secret: str = field(repr=False)
    crm_port: int
    crm_frame_ancestors: tuple[str, ...]
    """Origins."""
    demo_password: str = field(repr=False)
    """Empty: a generated one for each user."""
    after_session_s: float | None
    """None: the setting `after_session_delay_s`."""
    log_level: str
    log_format: str

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a SQLite file."""
        return self.database_url.startswith("sqlite")

    @classmethod
    def from_env(cls, environ: Mapping[str, str], **overrides: object) -> Self:
        """Read the variables; an override (by field name) that is not None replaces its variable.

        Raises:
            ConfigError: A value is invalid; names the variable, what was found and what is allowed.
        """
        known = {item.name for item in fields(cls)}
        if unknown := set(overrides) - known:
            raise TypeError(f"no such settings: {sorted(unknown)}")
        values: dict[str, Any] = {}
        for variable in VARIABLES:
            given = overrides.get(variable.name)
            text = str(given) if given is not None else environ.get(variable.env, "")
            values[variable.name] = variable.read(text.strip() or variable.default)
        return cls(**_with_defaults(values))


@dataclass(frozen=True)
class Variable:
    """One environment variable."""

    name: str
    """The field of `Config`."""
    env: str
    default: str
    """As written in the environment; empty when it depends on other values."""
    help: str
    parse: Callable[[str], Any]

    def read(self, text: str) -> Any:
        """Parse `text`; an error names the variable."""
        try:
            return self.parse(text)
        except ValueError as error:
            raise ConfigError(f"{self.env}: found {text!r}, but {error}") from error


def _with_defaults(values: dict[str, Any]) -> dict[str, Any]:
    """Fill in the defaults that depend on other values."""
    values["data"] = values["data"].resolve()
    values["public_url"] = values["public_url"] or f"http://127.0.0.1:{values['port']}"
    values["database_url"] = values["database_url"] or f"sqlite:///{values['data'] / 'patchbay.db'}"
    values["crm_frame_ancestors"] = values["crm_frame_ancestors"] or (values["public_url"],)
    values["web_processes"] = _web_processes(values["web_processes"], values["database_url"])
    if bool(values["company_key"]) != bool(values["company_secret"]):
        raise ConfigError("PATCHBAY_COMPANY_KEY and PATCHBAY_COMPANY_SECRET: give both or neither")
    return values


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise ValueError("a port is a whole number from 1 to 65535")


def _count(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) <= 10:
        return int(text)
    raise ValueError("it is the number of proxies in front, 0 to 10")


def _processes(text: str) -> int:
    """Accept a number; an empty text is 0: the default depends on the database."""
    if not text:
        return 0
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 256:
        return int(text)
    raise ValueError("it is a number of processes, 1 to 256")


def _seconds(text: str) -> float | None:
    if not text:
        return None
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    raise ValueError("it must be a number of seconds, 0 or more")


def _format(text: str) -> str:
    if text.lower() in LOG_FORMATS:
        return text.lower()
    raise ValueError(f"it must be one of {', '.join(LOG_FORMATS)}")


def _level(text: str) -> str:
    if text.upper() in LOG_LEVELS:
        return text.upper()
    raise ValueError(f"it must be one of {', '.join(LOG_LEVELS)}")


def _url(text: str) -> str:
    """Accept an absolute http(s) address without a path: the product needs a host of its own."""
    if not text:
        return ""
    try:
        origin = hosts.origin_of(text)
    except ValueError:
        origin = ""
    if not origin or urlsplit(text).path.strip("/"):
        raise ValueError("it must look like https://patchbay.example")
    return origin


def _origins(text: str) -> tuple[str, ...]:
    return tuple(_url(item) for item in re.split(r"[\s,]+", text) if item)


def _hosts(text: str) -> tuple[str, ...]:
    """Accept names and addresses without ports; the port of a request does not matter."""
    try:
        return tuple(hosts.name(item) for item in re.split(r"[\s,]+", text) if item)
    except ValueError:
        raise ValueError("it must be names or addresses without ports, such as patchbay.internal, 192.0.2.7") from None


def _web_processes(given: int, database_url: str) -> int:
    """Return one process for each core by default; with SQLite exactly one."""
    if not database_url.startswith("sqlite"):
        return given or len(os.sched_getaffinity(0))
    if given > 1:
        raise ConfigError(f"PATCHBAY_WEB_PROCESSES: found {given}, but with SQLite there is one; set DATABASE_URL.")
    return 1


def _words(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def _database(text: str) -> str:
    """Accept both spellings of PostgreSQL's scheme, and add the driver."""
    if not text or text.startswith("sqlite:///"):
        return text
    if match := re.fullmatch(r"postgres(?:ql)?(?:\+psycopg)?://(.+)", text):
        return f"postgresql+psycopg://{match[1]}"
    # The address may hold a password, so it isn't repeated.
    raise ConfigError("DATABASE_URL: must start with sqlite:/// or postgresql+psycopg://")


VARIABLES: tuple[Variable, ...] = (
    Variable("data", "PATCHBAY_DATA", "var", "Folder that keeps the database, keys, files and sign-ins.", Path),
    Variable("port", "PATCHBAY_PORT", "8000", "Port of the web process.", _port),
    Variable("bind", "PATCHBAY_BIND", "127.0.0.1", "Address that the web process listens on.", str),
    Variable(
        "public_url",
        "PATCHBAY_PUBLIC_URL",
        "",
        "Address that browsers use; by default http://127.0.0.1:<port>.",
        _url,
    ),
    Variable(
        "allowed_hosts",
        "PATCHBAY_ALLOWED_HOSTS",
        "",
        "Further names or addresses by which requests may reach the host, without ports, separated by commas.",
        _hosts,
    ),
    Variable(
        "trusted_proxies",
        "PATCHBAY_TRUSTED_PROXIES",
        "0",
        "Number of reverse proxies in front that may set X-Forwarded-*.",
        _count,
    ),
    Variable(
        "web_processes",
        "PATCHBAY_WEB_PROCESSES",
        "",
        "Web processes on this machine; by default one for each core with PostgreSQL, and one with SQLite.",
        _processes,
    ),
    Variable(
        "database_url",
        "DATABASE_URL",
        "",
        "postgresql+psycopg://...; by default SQLite in the data folder.",
        _database,
    ),
    Variable(
        "secret_keys",
        "PATCHBAY_SECRET_KEYS",
        "",
        "Fernet keys, newest first, separated by commas; by default those of a key file in the data folder.",
        _words,
    ),
    Variable("company_key", "PATCHBAY_COMPANY_KEY", "", "Key of the platform API; generated by default.", str),
    Variable("company_secret", "PATCHBAY_COMPANY_SECRET", "", "Secret of the company key.", str),
    Variable("crm_port", "PATCHBAY_CRM_PORT", "8001", "Port of the starter CRM.", _port),
    Variable(
        "crm_frame_ancestors",
        "PATCHBAY_CRM_FRAME_ANCESTORS",
        "",
        "Origins that may frame the starter CRM's pages; by default the public URL.",
        _origins,
    ),
    Variable(
        "demo_password",
        "PATCHBAY_DEMO_PASSWORD",
        "",
        "Password of all demo users, of any length; by default a generated one for each.",
        str,
    ),
    Variable(
        "after_session_s",
        "PATCHBAY_AFTER_SESSION_S",
        "",
        "Seconds from a session's end to its post-session work; overrides after_session_delay_s.",
        _seconds,
    ),
    Variable("log_level", "PATCHBAY_LOG_LEVEL", "INFO", f"One of {', '.join(LOG_LEVELS)}.", _level),
    Variable(
        "log_format",
        "PATCHBAY_LOG_FORMAT",
        "text",
        "Format of a log line: text for people, or json for programs that collect logs.",
        _format,
    ),
)
