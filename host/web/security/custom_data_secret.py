"""Whose signature on consumers' custom data counts."""

from host.sessions.custom_data import Signer
from host.web.current import services


def signer() -> Signer:
    """Return who signs: the settings have a secret for it alone."""
    secret = services().settings.current().company_secret_jwt.get_secret_value()
    return Signer(secret, services().config.public_url)
