"""Sets up a fresh data folder: an admin and a company key, or the demo."""

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from host.company import company_key
from host.config import Config
from host.db.engine import Database
from host.db.tables import users
from host.private_files import write_private
from host.settings.demo import DEMO_USERS, demo_document
from host.users import directory

ADMIN = "admin@example.com"
SIGN_INS_FILE = "demo-sign-ins.txt"

Import = Callable[[dict[str, Any]], object]
"""Imports a settings document."""


def add_admin(database: Database, config: Config) -> list[str]:
    """Add an admin and a company key to a host without users.

    Returns:
        Lines for the terminal with the password, which is shown only here; none when there are users.
    """
    company = company_key(config)
    password = _password()
    with database.write() as connection:
        if connection.execute(select(users.c.id).limit(1)).first():
            return []
        directory.upsert(connection, ADMIN, name="Admin", roles=["admin"], password=password)
    return [
        "This is a fresh host. Its first sign-in, shown only now:",
        f"  {ADMIN}  {password}",
        f"Platform API: company key {company.key}, its secret is kept in {config.data}.",
    ]


def add_demo(database: Database, config: Config, import_document: Import, crm_api_key: str) -> list[str]:
    """Import the demo set-up, unless the demo's users exist.

    Returns:
        Lines for the terminal: the sign-ins if they are new, else where they are stored.
    """
    passwords = {email: config.demo_password or _password() for email in DEMO_USERS}
    kept_at = config.data / SIGN_INS_FILE
    with database.read() as connection:
        is_new = directory.by_email(connection, "agent@example.com") is None
    if is_new:
        # The file comes first: after a kill in between, the next start makes new passwords.
        lines = _write_sign_ins(kept_at, passwords, config)
        import_document(demo_document(config.crm_port, crm_api_key, passwords))
        return [*lines, f"(kept in {kept_at})"]
    if config.demo_password:
        _set_passwords(database, passwords)
        _write_sign_ins(kept_at, passwords, config)
    return [f"The demo's sign-ins are kept in {kept_at}"]


def _set_passwords(database: Database, passwords: Mapping[str, str]) -> None:
    with database.write() as connection:
        for email, password in passwords.items():
            if user := directory.by_email(connection, email):
                directory.set_password(connection, user, password)


def _write_sign_ins(path: Path, passwords: Mapping[str, str], config: Config) -> list[str]:
    company = company_key(config)
    width = max(len(email) for email in passwords)
    lines = [f"{email:<{width}}  {password}" for email, password in passwords.items()]
    lines.append(f"Platform API: company key {company.key}, secret {company.secret}")
    write_private(path, "\n".join(lines) + "\n")
    return lines


def _password() -> str:
    return secrets.token_urlsafe(12)
