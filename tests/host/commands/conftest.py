"""What the tests of the commands share: a repository of settings."""

from tests.host.settings.conftest import clock, demo, repository

__all__ = ["clock", "demo", "repository"]
