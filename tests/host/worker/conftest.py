"""What the tests of the worker share: a CRM to work in."""

from tests.host.crm.conftest import crm

__all__ = ["crm"]
