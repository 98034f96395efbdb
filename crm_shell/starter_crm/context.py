"""The parts of the CRM that views use, built once by the app factory."""

from dataclasses import dataclass

from flask import current_app

from crm_shell.starter_crm.store.database import Database

EXTENSION = "starter_crm"


@dataclass(frozen=True)
class Crm:
    """One running CRM."""

    database: Database
    api_key: str
    is_public: bool
    """Whether other machines can reach it, so that its pages require the key."""


def crm() -> Crm:
    """Return the CRM that the current request is for."""
    found: Crm = current_app.extensions[EXTENSION]
    return found
