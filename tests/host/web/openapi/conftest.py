"""Fixtures: the whole application, as for the platform API."""

from tests.host.web.api.conftest import app, gateway

__all__ = ["app", "gateway"]
