"""Fixtures of the settings, too."""

from tests.host.settings.conftest import clock, repository

__all__ = ["clock", "repository"]
