"""What stories through several packages share: a CRM that does wrong what real ones do wrong, and a host around it."""

from tests.host.crm.conftest import crm, deadlines, other_crm, tell, world

__all__ = ["crm", "deadlines", "other_crm", "tell", "world"]
